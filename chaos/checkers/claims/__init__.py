"""The claims of a set: what they are, when they are made, who owns them, and when they go (S15, S19, S52-S58)."""
