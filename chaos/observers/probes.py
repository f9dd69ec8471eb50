"""Probes: busybox pods that look names up and fetch pages on request, each over one exec that stays open.

An answer is recorded when it arrives, with the time at which it was asked for. What a probe cannot find out is an
ERROR, from which nothing is concluded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import anyio
import structlog
from anyio.abc import TaskStatus

from chaos.cluster.marks import RUN
from chaos.cluster.nodes import TAINT
from chaos.cluster.port import Cluster, ClusterError, ExecChannel, Json, Refused, Unreachable
from chaos.cluster.reflector import Reflector
from chaos.history.entries import DnsAnswer, HttpAnswer
from chaos.history.writer import HistoryWriter
from chaos.observers import busybox
from chaos.observers.pods import CONTAINER_SECURITY, POD_SECURITY, PodTrouble, create_pod, wait_ready
from chaos.time import Clock

log = structlog.get_logger()

IMAGE = "busybox:1.28.4"
CONTAINER = "probe"
PROBE = "chaos-sts/probe"
READY_WITHIN_S = 60.0
ANSWER_WITHIN_S = 5.0
"""Longer than the 2 s after which the pod itself gives a command up."""

RESTART_S = 0.5

NOBODY = "127.0.0.1"
"""An address in the probe's own pod, where no DNS server listens."""

FAILURES = 3
"""Rounds without any answer after which a server is asked no more."""

_SLEEP = "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done"


def pod_manifest(name: str, run: str, image: str = IMAGE) -> Json:
    """A probe pod: it sleeps, ends at once on TERM, and runs under the restricted Pod Security Standard."""
    container = {
        "name": CONTAINER,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", _SLEEP],
        "securityContext": CONTAINER_SECURITY,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {RUN: run, PROBE: name}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": POD_SECURITY,
            # Whoever watches stays where a run taints a node.
            "tolerations": [{"key": TAINT, "operator": "Exists"}],
            "containers": [container],
        },
    }


async def make_pods(
    cluster: Cluster, pods: Reflector, namespace: str, bodies: Sequence[Json], within_s: float = READY_WITHIN_S
) -> None:
    """Create probe pods and wait until all are Ready.

    Args:
        pods: the reflector of the namespace's pods.
        bodies: from `pod_manifest`.

    Raises:
        PodTrouble: a pod cannot be made Ready: its image cannot be pulled, no node takes it, the time is over.
        ClusterError: a pod was refused.
    """
    for body in bodies:
        await create_pod(cluster, namespace, body)
    await wait_ready(pods, [body["metadata"]["name"] for body in bodies], within_s)


class Prober:
    """One probe pod's connection. `run` must be started before anything is asked.

    `source` is the pod's name; `domain` the cluster's domain, known once `run` has started.
    """

    def __init__(self, cluster: Cluster, history: HistoryWriter, clock: Clock, namespace: str, pod: str) -> None:
        self.source = pod
        self.domain = ""
        self._cluster = cluster
        self._history = history
        self._clock = clock
        self._namespace = namespace
        self._channel: ExecChannel | None = None
        self._asked = 0
        self._pending: dict[str, _Batch] = {}
        self._servers = [""]
        self._turn = -1
        self._failures: dict[str, int] = {}

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Keep the connection open, and make it anew when it breaks, until cancelled. Started when it takes questions.

        Raises:
            PodTrouble: the first connection is refused.
        """
        while True:
            try:
                await self._converse(task_status)
                why = "the probe's loop ended"
            except ClusterError as error:
                if isinstance(error, Refused) and not self.domain:
                    raise PodTrouble(f"nothing can be run in pod {self.source}: {error}") from error
                why = str(error)
            finally:
                self._channel = None
            log.warning("probe.broken", source=self.source, why=why)
            self._fail_pending(why)
            await anyio.sleep(RESTART_S)

    async def find_servers(self, addresses: Sequence[str]) -> None:
        """Find out which of these DNS servers can be asked directly; from then on each has its turn in `lookup`.

        None can if the answer of a server that is not there is no error: then this busybox asks its own, whatever it is told.
        """
        name = f"kubernetes.default.svc.{self.domain}"
        questions = [_Trial(name, address) for address in (NOBODY, *addresses)]
        await self._ask("dns", "", questions)
        nobody, *asked = questions
        if nobody.code == "ERROR":
            self._servers += [each.server for each in asked if each.code == "NOERROR"]
        log.info("probe.servers", source=self.source, servers=self._servers[1:])

    async def lookup(self, names: Mapping[int, str]) -> list[DnsAnswer]:
        """Resolve names of the run's namespace, such as `web-0.nginx`, by ordinal, and record the answers.

        The whole name is asked for: newer busyboxes do not follow the search list. The pod's own resolver is asked, or the
        next of the servers that were found.
        """
        sent, server = self._clock.now(), self._next_server()
        questions = [_DnsQuestion(self.source, name, ordinal, sent, server) for ordinal, name in names.items()]
        await self._ask("dns", f".{self._namespace}.svc.{self.domain}", questions)
        answers = [question.answer for question in questions]
        if server:
            self._weigh(server, all(answer.code == "ERROR" for answer in answers))
        return answers

    def _next_server(self) -> str:
        self._turn = (self._turn + 1) % len(self._servers)
        return self._servers[self._turn]

    def _weigh(self, server: str, failed: bool) -> None:
        """Give up a server that does not answer any more: every question to it would take 2 s."""
        self._failures[server] = self._failures.get(server, 0) + 1 if failed else 0
        if self._failures[server] == FAILURES and server in self._servers:
            self._servers.remove(server)

    async def fetch(self, names: Mapping[int, str]) -> list[HttpAnswer]:
        """Fetch the pages that names serve on port 80, by ordinal, and record the answers."""
        sent = self._clock.now()
        questions = [_HttpQuestion(self.source, name, ordinal, sent) for ordinal, name in names.items()]
        await self._ask("http", "", questions)
        return [question.answer for question in questions]

    async def _ask(self, kind: str, suffix: str, questions: Sequence["_Question"]) -> None:
        """Put questions at once, in one write, and wait until all are settled."""
        if not questions:
            return
        done = anyio.Event()
        pending = {str(self._asked + number): question for number, question in enumerate(questions)}
        self._asked += len(pending)
        self._pending.update(dict.fromkeys(pending, _Batch(pending, done)))
        why = f"no answer from the probe within {ANSWER_WITHIN_S:g} s"
        try:
            with anyio.move_on_after(ANSWER_WITHIN_S):
                await self._send(
                    "".join(f"{key} {kind} {each.name}{suffix}{each.told}\n" for key, each in pending.items())
                )
                await done.wait()
        except ClusterError as error:
            why = str(error)
        finally:
            for key in pending:
                self._pending.pop(key, None)
        for question in pending.values():
            self._settle(question, None, why)

    async def _send(self, lines: str) -> None:
        if self._channel is None:
            raise Unreachable("the probe's connection is down")
        await self._channel.send(lines.encode())

    async def _converse(self, task_status: TaskStatus[None]) -> None:
        command = ("sh", "-c", busybox.SCRIPT)
        async with self._cluster.attach(self._namespace, self.source, CONTAINER, command) as channel:
            async for line in channel.lines():
                key, _, rest = line.partition(" ")
                if key == "ready":
                    self._channel = channel
                    if not self.domain:
                        self.domain = busybox.cluster_domain(rest)
                        task_status.started()
                else:
                    self._receive(key, rest)

    def _receive(self, key: str, rest: str) -> None:
        batch = self._pending.pop(key, None)
        # An answer that nobody waits for any more has been recorded as ERROR.
        if batch is not None:
            exit_code, _, text = rest.partition(" ")
            code = int(exit_code) if exit_code.isdigit() else None
            self._settle(batch.take(key), code, text.replace(busybox.LINE_BREAK, "\n"))

    def _fail_pending(self, why: str) -> None:
        for key, batch in list(self._pending.items()):
            self._settle(batch.take(key), None, why)
        self._pending.clear()

    def _settle(self, question: "_Question", exit_code: int | None, text: str) -> None:
        # Recorded here and not where it was asked: by then a later observation may have come first.
        question.settle(exit_code, text)
        if not isinstance(question, _Trial):
            self._history.append(question.stream, "answer", question.answer)


@dataclass
class _Batch:
    """Questions that were put at once, by key, as long as they have no answer; `done` is set when all have one."""

    open: dict[str, "_Question"]
    done: anyio.Event

    def take(self, key: str) -> "_Question":
        """The question of a key, which is now to be settled."""
        question = self.open.pop(key)
        if not self.open:
            self.done.set()
        return question


@dataclass
class _DnsQuestion:
    source: str
    name: str
    ordinal: int
    sent: float
    server: str
    answer: DnsAnswer = field(init=False)
    stream = "dns"

    @property
    def told(self) -> str:
        """The rest of the line that asks it."""
        return f" {self.server}" if self.server else ""

    def settle(self, exit_code: int | None, text: str) -> None:
        """Set the answer; `exit_code` None: the probe gave none, and `text` says why."""
        found = busybox.Lookup("ERROR") if exit_code is None else busybox.parse_nslookup(exit_code, text)
        # The text is only worth its bytes where the code does not say it all.
        kept = text if found.code == "ERROR" else ""
        self.answer = DnsAnswer(
            self.source, self.name, self.ordinal, self.sent, found.code, found.addresses, kept, self.server
        )


@dataclass
class _HttpQuestion:
    source: str
    name: str
    ordinal: int
    sent: float
    answer: HttpAnswer = field(init=False)
    stream = "http"
    told = ""

    def settle(self, exit_code: int | None, text: str) -> None:
        """Set the answer; `exit_code` None: the probe gave none, and `text` says why."""
        found = busybox.Fetch(False, text) if exit_code is None else busybox.parse_wget(text)
        self.answer = HttpAnswer(self.source, self.name, self.ordinal, self.sent, found.ok, found.text, found.address)


@dataclass
class _Trial:
    """Asks for a name that every cluster has, to see whether a server answers; it is not recorded."""

    name: str
    server: str
    code: str = "ERROR"

    @property
    def told(self) -> str:
        """The rest of the line that asks it."""
        return f" {self.server}"

    def settle(self, exit_code: int | None, text: str) -> None:
        """Set the code; `exit_code` None: the probe gave none."""
        self.code = "ERROR" if exit_code is None else busybox.parse_nslookup(exit_code, text).code


_Question = _DnsQuestion | _HttpQuestion | _Trial
