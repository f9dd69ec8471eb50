"""Kubernetes' protobuf: objects, lists and watch events in the encoding that client-go prefers."""

from chaos.embedded.http.protobuf.envelope import PROTOBUF, WATCH, decoded, encoded, frame
from chaos.embedded.http.protobuf.wire import Malformed

__all__ = ["PROTOBUF", "WATCH", "Malformed", "decoded", "encoded", "frame"]
