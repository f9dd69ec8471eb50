"""Nodes: kubelets, the lives of pods, what runs in their containers, their volumes, addresses and names."""
