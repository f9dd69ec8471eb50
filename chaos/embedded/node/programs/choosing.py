"""Which program a container runs: by its command, or by its image's own."""

from collections.abc import Sequence
from random import Random

from chaos.embedded.node.container import Container
from chaos.embedded.node.images import base_name
from chaos.embedded.node.programs.command import Command
from chaos.embedded.node.programs.program import Program
from chaos.embedded.node.programs.waiting import Waiting
from chaos.embedded.node.programs.webserver import AGNHOST, NGINX, WebServer
from chaos.embedded.node.settings import Between
from chaos.embedded.node.variables import expanded

OWN = ("nginx", "agnhost", "pause")
"""Programs that only the images of their names have."""


def program_for(container: Container, draws: Random, stopping_s: Between) -> Program:
    """What a container of this image, command and arguments runs.

    Raises:
        NoSuchProgram: the command's executable is not in the image.
    """
    image = base_name(container.spec["image"])
    command = [expanded(word, container.variables) for word in container.spec.get("command") or ()]
    args = [expanded(word, container.variables) for word in container.spec.get("args") or ()]
    argv = [*command, *args] if command else _entry_point(image, args)
    stops_in_s = draws.uniform(*stopping_s)
    name = argv[0].rpartition("/")[2] if argv else "pause"
    if argv and not (name in OWN and image.startswith(name)):
        return Command(argv, container)
    if name == "nginx":
        return WebServer(container, stops_in_s, NGINX)
    if argv[1:2] == ["test-webserver"]:
        return WebServer(container, stops_in_s, AGNHOST)
    return Waiting(stops_in_s)


def _entry_point(image: str, args: Sequence[str]) -> list[str]:
    """What an image runs without a command; nothing for an image of which nothing is known."""
    if image.startswith("nginx"):
        # Options are for nginx itself.
        return [*args] if args and not args[0].startswith("-") else ["nginx", *args]
    if image.startswith("busybox"):
        # Its shell finds no standard input, and ends.
        return [*args] or ["sh"]
    return ["agnhost", *(args or ["pause"])] if image == "agnhost" else []
