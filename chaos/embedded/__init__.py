"""A Kubernetes in this process: API server, controllers, one kind of node, DNS and volumes, without I/O of its own.

It shares no model of StatefulSets with the exerciser: what passes between them is the HTTP API.
"""
