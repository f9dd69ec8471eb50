"""nginx with its default configuration, and what else serves files on port 80."""

from chaos.embedded.node.container import Container
from chaos.embedded.node.programs.waiting import Waiting
from chaos.embedded.shell import Fetched

ROOT = "/usr/share/nginx/html"
INDEX = b"<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n"
PORT = 80


class WebServer(Waiting):
    """Serves the files below its root: a directory's index.html, 403 for a directory without one, 404 for what is not there."""

    def __init__(self, container: Container, stops_in_s: float) -> None:
        super().__init__(stops_in_s)
        self._container = container
        if not container.files.is_dir(ROOT):
            container.files.write(f"{ROOT}/index.html", INDEX)

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
        name = f"{ROOT}{path.partition('?')[0]}".rstrip("/")
        files = self._container.files
        if files.is_dir(name):
            name += "/index.html"
            if not files.exists(name):
                return Fetched(403)
        try:
            return Fetched(200, files.read(name))
        except OSError:
            return Fetched(404)
