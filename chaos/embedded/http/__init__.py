"""The HTTP edge: paths, bodies, Status objects, watch streams and commands over WebSockets, on top of the API's verbs."""

from chaos.embedded.http.edge import Edge
from chaos.embedded.http.faults import EdgeFaults

__all__ = ["Edge", "EdgeFaults"]
