"""The OpenAPI documents of the served kinds: what clients validate, explain and merge by."""

from chaos.embedded.api.openapi.documents import groups, version_2, version_3

__all__ = ["groups", "version_2", "version_3"]
