"""What is refused although the object itself is right: because of its namespace, or of what its namespace lacks."""

from chaos.embedded.api.errors import Cause, forbidden, not_found
from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.api.store import Store
from chaos.embedded.interface import Json


def admit(store: Store, resource: Resource, item: Json) -> None:
    """Let a new object in.

    Raises:
        ApiError: 404 no such namespace; 403 it is being terminated, or the pod's ServiceAccount does not exist.
    """
    if not resource.namespaced:
        return
    meta = item["metadata"]
    namespace = store.get("namespaces", "", meta["namespace"])
    if namespace is None:
        raise not_found(RESOURCES["namespaces"], meta["namespace"])
    if "deletionTimestamp" in namespace["metadata"]:
        why = f"unable to create new content in namespace {meta['namespace']} because it is being terminated"
        cause = Cause(
            "metadata.namespace", "NamespaceTerminating", f"namespace {meta['namespace']} is being terminated"
        )
        raise forbidden(resource, meta["name"], why, [cause])
    if resource.name == "pods":
        _admit_pod(store, resource, item)


def _admit_pod(store: Store, resource: Resource, item: Json) -> None:
    namespace, account = item["metadata"]["namespace"], item["spec"]["serviceAccountName"]
    if store.get("serviceaccounts", namespace, account) is None:
        why = f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
        raise forbidden(resource, item["metadata"]["name"], why)
