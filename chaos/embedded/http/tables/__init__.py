"""Objects as rows of text, which `kubectl get` prints: the columns of every kind that is served."""

from chaos.embedded.http.tables.tables import Included, partial, table

__all__ = ["Included", "partial", "table"]
