"""The file systems of containers, and the volumes in them."""

import errno
import posixpath
from typing import NamedTuple


class Mount(NamedTuple):
    """A path of a container that is a volume, or what is below `inner` in one: `content` maps names to bytes."""

    path: str
    content: dict[str, bytes]
    inner: str = ""


LINKS = 40
"""How many symbolic links a path may lead through."""


class Link(bytes):
    """A symbolic link: the path that it stands for."""


class Files:
    """A container's file system: its own files, with volumes mounted over them."""

    def __init__(self, own: dict[str, bytes], mounts: list[Mount]) -> None:
        self._own = own
        # The longest path first: it hides the others.
        self._mounts = sorted(mounts, key=lambda mount: -len(mount.path))

    def read(self, path: str) -> bytes:
        """See `chaos.embedded.shell.environment.Files`."""
        content, key = self._followed(path)
        if key not in content:
            raise IsADirectoryError(path) if self.is_dir(path) else FileNotFoundError(path)
        return content[key]

    def link(self, target: str, path: str) -> None:
        """See `chaos.embedded.shell.environment.Files`."""
        content, key = self._find(path)
        if key in content:
            raise FileExistsError(path)
        content[key] = Link(target.encode())

    def write(self, path: str, data: bytes, *, append: bool = False) -> None:
        """See `chaos.embedded.shell.environment.Files`."""
        content, key = self._followed(path)
        content[key] = (content.get(key, b"") if append else b"") + data

    def rename(self, old: str, new: str) -> None:
        """See `chaos.embedded.shell.environment.Files`."""
        data = self.read(old)
        self.remove(old)
        self.write(new, data)

    def remove(self, path: str) -> None:
        """See `chaos.embedded.shell.environment.Files`; a directory goes with what it holds."""
        content, key = self._find(path)
        gone = [name for name in content if name == key or name.startswith(f"{key}/")]
        if not gone:
            raise FileNotFoundError(path)
        for name in gone:
            del content[name]

    def is_dir(self, path: str) -> bool:
        """See `chaos.embedded.shell.environment.Files`."""
        plain = posixpath.normpath(posixpath.join("/", path))
        content, key = self._find(path)
        if key in content:
            return False
        below = f"{key}/" if key else ""
        return (
            plain == "/"
            or any(mount.path == plain or mount.path.startswith(f"{plain}/") for mount in self._mounts)
            or any(name.startswith(below) and name != key for name in content)
        )

    def exists(self, path: str) -> bool:
        """See `chaos.embedded.shell.environment.Files`."""
        content, key = self._find(path)
        return key in content or self.is_dir(path)

    def names(self, path: str) -> list[str]:
        """See `chaos.embedded.shell.environment.Files`."""
        content, key = self._find(path)
        below = f"{key}/" if key else ""
        found = {name.removeprefix(below).partition("/")[0]: None for name in content if name.startswith(below)}
        here = posixpath.normpath(posixpath.join("/", path)).rstrip("/") + "/"
        inside = [mount.path.removeprefix(here) for mount in self._mounts if mount.path.startswith(here)]
        found.update({name.partition("/")[0]: None for name in inside})
        return sorted(name for name in found if name and name != ".")

    def make_dir(self, path: str) -> None:
        """See `chaos.embedded.shell.environment.Files`."""
        content, key = self._find(path)
        content[f"{key}/."] = b""

    def _followed(self, path: str) -> tuple[dict[str, bytes], str]:
        """Where a path leads through symbolic links, and the name there."""
        at = path
        for _ in range(LINKS):
            content, key = self._find(at)
            found = content.get(key)
            if not isinstance(found, Link):
                return content, key
            at = posixpath.join("/", posixpath.dirname(at), found.decode())
        raise OSError(errno.ELOOP, "Too many levels of symbolic links", path)

    def _find(self, path: str) -> tuple[dict[str, bytes], str]:
        """Where a path lies, and its name there."""
        plain = posixpath.normpath(posixpath.join("/", path))
        for mount in self._mounts:
            if plain == mount.path or plain.startswith(f"{mount.path}/"):
                rest = plain[len(mount.path) + 1 :]
                return mount.content, f"{mount.inner}/{rest}".strip("/") if mount.inner else rest
        return self._own, plain[1:]
