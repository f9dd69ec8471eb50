"""Kubernetes' protobuf: objects, lists and watch events in the encoding that client-go prefers."""

from chaos.embedded.http.protobuf.envelope import PROTOBUF, WATCH, decoded, encoded, frame
from chaos.embedded.http.protobuf.openapi import ASKED_OPENAPI_2, OPENAPI_2, openapi_2
from chaos.embedded.http.protobuf.wire import Malformed

__all__ = ["ASKED_OPENAPI_2", "OPENAPI_2", "PROTOBUF", "WATCH", "Malformed", "decoded", "encoded", "frame", "openapi_2"]
