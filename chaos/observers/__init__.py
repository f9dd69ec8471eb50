"""Tasks that watch, resolve and fetch, and append what they saw to the history."""
