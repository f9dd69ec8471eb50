"""What a path names: `/apis/apps/v1/namespaces/ns/statefulsets/web/scale`. Pure."""

from typing import NamedTuple

from chaos.embedded.api.resources import RESOURCES, Resource


class Target(NamedTuple):
    """A collection (`name` empty), an object, or a subresource of one."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def target(path: str) -> Target | None:
    """What the path names, None if it names nothing that is served."""
    parts = path.removeprefix("/").removesuffix("/").split("/")
    if any(not part or part in (".", "..") for part in parts):
        return None
    split = _of_group(parts)
    if split is None:
        return None
    prefix, rest = split
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
        return _named(prefix, rest[1], rest[2:])
    return _named(prefix, "", rest)


def _of_group(parts: list[str]) -> tuple[str, list[str]] | None:
    """The apiVersion that a path begins with, and what follows."""
    if len(parts) > 2 and parts[0] == "api":
        return parts[1], parts[2:]
    if len(parts) > 3 and parts[0] == "apis":
        return f"{parts[1]}/{parts[2]}", parts[3:]
    return None


def _named(api_version: str, namespace: str, rest: list[str]) -> Target | None:
    resource = RESOURCES.get(rest[0])
    if resource is None or resource.api_version != api_version or len(rest) > 3:
        return None
    if namespace and not resource.namespaced:
        return None
    name, subresource = (*rest[1:], "", "")[:2]
    if subresource and subresource not in resource.subresources:
        return None
    if name and resource.namespaced and not namespace:
        return None
    return Target(resource, namespace, name, subresource)
