"""The whole program on a real cluster: `make test-real`, or `make cluster` once and then pytest -m real."""
