"""chaos-sts: an async chaos and resilience exerciser for Kubernetes StatefulSets."""

__version__ = "0.1.0"
