"""What serves files on port 80: nginx with its default configuration, and `agnhost test-webserver`."""

from collections.abc import Mapping
from typing import NamedTuple

from chaos.embedded.node.container import Container
from chaos.embedded.node.programs.waiting import Waiting
from chaos.embedded.shell import Fetched

PORT = 80


class Site(NamedTuple):
    """What is served: everything below `root`, where the image has `files` unless a volume lies over them."""

    root: str
    files: Mapping[str, bytes]
    lists: bool
    """Whether a directory without index.html is answered with its names, or 403."""


NGINX = Site(
    "/usr/share/nginx/html", {"index.html": b"<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n"}, lists=False
)
AGNHOST = Site("", {"localhost.crt": b"certificate\n", "localhost.key": b"key\n"}, lists=True)
"""k8s.io/kubernetes 1.37.2 test/images/agnhost/test-webserver: it serves the whole file system."""


class WebServer(Waiting):
    """Serves a site: a directory's index.html, 404 for what is not there."""

    def __init__(self, container: Container, stops_in_s: float, site: Site) -> None:
        super().__init__(stops_in_s)
        self._container = container
        self._site = site
        if not site.root or not container.files.is_dir(site.root):
            for name, data in site.files.items():
                container.files.write(f"{site.root}/{name}", data)

    async def run(self) -> int:
        """See `Program`."""
        network, address = self._container.network, self._container.address
        network.listen(address, PORT, self._serve)
        try:
            return await super().run()
        finally:
            network.close(address, PORT)

    def signal(self, name: str) -> None:
        """See `Program`: it stops listening at once."""
        super().signal(name)
        if self.is_told:
            self._container.network.close(self._container.address, PORT)

    def _serve(self, path: str) -> Fetched:
        name = f"{self._site.root}{path.partition('?')[0]}".rstrip("/")
        files = self._container.files
        if files.is_dir(name or "/"):
            if not files.exists(f"{name}/index.html"):
                return Fetched(200, self._listed(name or "/")) if self._site.lists else Fetched(403)
            name += "/index.html"
        try:
            return Fetched(200, files.read(name))
        except OSError:
            return Fetched(404)

    def _listed(self, name: str) -> bytes:
        rows = "".join(f'<a href="{each}">{each}</a>\n' for each in self._container.files.names(name))
        return f"<pre>\n{rows}</pre>\n".encode()
