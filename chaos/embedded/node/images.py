"""Images: their full names, which registry has them, and which are on a node already.

Facts: github.com/distribution/reference (familiar names), k8s.io/kubernetes 1.37.2 pkg/kubelet/images, and what a real kubelet
says of an image that is not to be had.
"""

import hashlib
from functools import cache
from random import Random

import anyio

from chaos.embedded.node.settings import NodeSettings


class PullError(Exception):
    """An image is not to be had: the reason that the container waits with, and a message."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@cache
def canonical(image: str) -> str:
    """The full name: `nginx` is docker.io/library/nginx:latest."""
    host, slash, rest = image.partition("/")
    if not slash:
        host, rest = "docker.io", f"library/{image}"
    elif "." not in host and ":" not in host and host != "localhost":
        host, rest = "docker.io", image
    if "@" not in rest and ":" not in rest.rpartition("/")[2]:
        rest += ":latest"
    return f"{host}/{rest}"


@cache
def image_id(image: str) -> str:
    """The digest of what the image holds."""
    return f"sha256:{hashlib.sha256(canonical(image).encode()).hexdigest()}"


def base_name(image: str) -> str:
    """The last part of the name, without tag and digest: `nginx` of docker.io/library/nginx:1.27."""
    return canonical(image).rpartition("/")[2].partition("@")[0].partition(":")[0]


def is_available(image: str, settings: NodeSettings) -> bool:
    """Whether its registry has it."""
    name = canonical(image)
    tag = name.rpartition("/")[2].partition("@")[0].partition(":")[2]
    return tag not in settings.missing_tags and not any(part in name for part in settings.missing_names)


class Images:
    """The images on one node."""

    def __init__(self, settings: NodeSettings, draws: Random) -> None:
        self._settings = settings
        self._draws = draws
        self._present = {canonical(image): True for image in settings.present}

    async def pull(self, image: str, policy: str) -> None:
        """Have the image, if need be from its registry, which takes a drawn time.

        Raises:
            PullError: the registry does not have it, or it may not be asked.
        """
        name = canonical(image)
        if name in self._present:
            return
        if policy == "Never":
            message = f'Container image "{image}" is not present with pull policy of Never'
            raise PullError("ErrImageNeverPull", message)
        await anyio.sleep(self._draws.uniform(*self._settings.pull_s))
        if not is_available(image, self._settings):
            message = f'failed to pull and unpack image "{name}": failed to resolve image: {name}: not found'
            raise PullError("ErrImagePull", message)
        self._present[name] = True
