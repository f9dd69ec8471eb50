"""Owner references: who controls an object, and the references that controllers write. Pure."""

from typing import Any

from chaos.embedded.interface import Json


def controller_of(item: Json) -> Json | None:
    """The reference to the object's controller, if it has one."""
    for reference in item["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            found: Json = reference
            return found
    return None


def controller_reference(owner: Json) -> Json:
    """The reference by which `owner` controls an object."""
    meta = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def adoption(item: Json, owner: Json) -> Any:
    """The strategic patch that makes `owner` the controller of an object that has none."""
    return {"metadata": {"uid": item["metadata"]["uid"], "ownerReferences": [controller_reference(owner)]}}


def release(item: Json, *owner_uids: str) -> Any:
    """The strategic patch by which owners let go."""
    gone = [{"$patch": "delete", "uid": uid} for uid in owner_uids]
    return {"metadata": {"uid": item["metadata"]["uid"], "ownerReferences": gone}}


def unblocking(item: Json) -> Any:
    """The strategic patch after which an object holds up the deletion of none of its owners."""
    meta = item["metadata"]
    references = [{**each, "blockOwnerDeletion": False} for each in meta["ownerReferences"]]
    return {"metadata": {"uid": meta["uid"], "ownerReferences": references}}
