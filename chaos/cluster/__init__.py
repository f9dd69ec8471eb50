"""The way out: everything that talks to a Kubernetes API server."""
