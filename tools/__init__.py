"""What is run by hand, when Kubernetes has a new version."""
