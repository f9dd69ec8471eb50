"""From a drawn operation to the requests that perform it, on the cluster as it is known at that moment. Pure.

A rank picks among the objects that exist; which one that is, is decided here and recorded.
"""

from chaos.runner.requests.known import Known, Nothing, ordinal, pods_of
from chaos.runner.requests.resolving import resolve

__all__ = ["Known", "Nothing", "ordinal", "pods_of", "resolve"]
