"""The API server: verbs, versions, defaults, validation, patches, selectors. What goes over HTTP is elsewhere."""

from chaos.embedded.api.server import ApiServer

__all__ = ["ApiServer"]
