"""What a container needs before it starts: its image, and the configuration that it refers to."""

import anyio

from chaos.embedded.interface import Json
from chaos.embedded.node.backoff import JITTER, Backoff
from chaos.embedded.node.container import Container
from chaos.embedded.node.home import Home
from chaos.embedded.node.images import PullError
from chaos.embedded.node.states import ContainerState
from chaos.embedded.node.variables import ConfigError

CONFIG_RETRY_S = 10.0, 15.0
LOOK_S = 0.1, 0.25
"""Between telling that a container rests and looking at it again."""


async def prepared(spec: Json, state: ContainerState, home: Home) -> Container:
    """A new run of the container; waits, and tells why, while something is not to be had."""
    pulls = Backoff()
    settings, draws = home.site.settings, home.draws
    while True:
        await home.site.gate.passed()
        try:
            await home.site.images.pull(spec["image"], spec.get("imagePullPolicy", "IfNotPresent"))
            return home.furnish(spec)
        except ConfigError as error:
            wait(home, state, "CreateContainerConfigError", str(error))
            await anyio.sleep(draws.uniform(*CONFIG_RETRY_S))
        except PullError as error:
            wait(home, state, error.reason, str(error))
            now = anyio.current_time()
            pulls.start(now, now)
            await anyio.sleep(draws.uniform(*LOOK_S) + settings.noticing_s[1])
            if error.reason == "ErrImagePull":
                why = f'Back-off pulling image "{spec["image"]}": {error.reason}: {error}'
                wait(home, state, "ImagePullBackOff", why)
            await anyio.sleep(pulls.pause_s * (1 + draws.random() * JITTER))


def wait(home: Home, state: ContainerState, reason: str, message: str) -> None:
    """Tell why a container does not run."""
    if not home.state.is_stopping:
        home.state.tells_ip = True
        state.wait(reason, message)
        home.tell()
