"""The pure parts of tests/real/kubectl, which need no cluster."""
