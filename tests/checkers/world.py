"""Writes histories by hand: a cluster in which the test says what happens, one resourceVersion after another."""

import datetime
from typing import Any

import msgspec

from chaos import time
from chaos.checkers.judge import fold
from chaos.history import mergepatch
from chaos.history.entries import MARKED, Entry
from chaos.history.run import Controller, RunInfo
from chaos.verdict import Report

NAME, SERVICE, CLAIM = "web", "nginx", "www"


def info(**changes: Any) -> RunInfo:
    """A run that requires nothing in particular, under the rules of 1.37 with the strategy Recreate."""
    base = RunInfo(
        run="test",
        seed=1,
        profile="test",
        source="",
        namespace="ns",
        statefulset=NAME,
        service=SERVICE,
        server="1.37.2",
        controller=Controller("1.37.2", {"StatefulSetRecreateStrategy": True}),
        require=(),
    )
    return msgspec.structs.replace(base, **changes)


class World:
    """Objects and the entries that tell of them. Every change takes the next resourceVersion; time moves by `step_s`."""

    def __init__(self, *, claims: bool = False) -> None:
        self.entries: list[Entry] = []
        self.rv = 100
        self.t = 0.0
        self.step_s = 0.01
        self.claims = claims
        self.objects: dict[tuple[str, str], Any] = {}
        self._births = 0
        for stream in MARKED:
            self.entry(stream, "synced", rv=self.rv)

    # entries

    def entry(self, stream: str, type: str, data: Any = None, *, rv: int | None = None, uid: str = "") -> int:
        self.t = round(self.t + self.step_s, 6)
        plain = msgspec.json.decode(msgspec.json.encode(data))
        at = "" if rv is None else str(rv)
        self.entries.append(Entry(i=len(self.entries), t=self.t, stream=stream, rv=at, uid=uid, type=type, data=plain))
        return len(self.entries) - 1

    def show(self) -> int:
        """Every ordered stream has shown everything so far, as markers make it; the entry that says so of the last one."""
        sent = self.t
        self.rv += 1
        for stream in MARKED:
            self.entry(stream, "progress", {"sent": sent}, rv=self.rv)
        return self.entries[-1].i

    def end(self) -> None:
        """The closing LISTs and the end of judging."""
        for stream in MARKED:
            held = {
                state["metadata"]["uid"]: state["metadata"]["resourceVersion"]
                for (kind, _), state in self.objects.items()
                if kind == stream
            }
            self.entry(stream, "final", held, rv=self.rv)
        self.entry("run", "judging-ended")

    def report(self, **changes: Any) -> Report:
        """End the history and judge it."""
        self.end()
        return fold(info(**changes), self.entries)

    def phase_ended(self, name: str) -> int:
        """A phase is reached; what is expected of it is judged on the states as they are now."""
        at = dict.fromkeys(("pods", "statefulsets", "controllerrevisions", "services"), str(self.rv))
        return self.entry("run", "phase-ended", {"name": name, "reached": True, "at": at})

    # objects

    def stamp(self) -> str:
        """The present second, as the cluster's clock shows it."""
        return (time.EPOCH + datetime.timedelta(seconds=int(self.t))).strftime("%Y-%m-%dT%H:%M:%SZ")

    def add(self, stream: str, state: dict[str, Any], type: str = "added") -> int:
        self.rv += 1
        self._births += 1
        born = {"uid": f"{stream}-{self._births}", "creationTimestamp": self.stamp()}
        meta = {**born, **state["metadata"], "resourceVersion": str(self.rv)}
        state = {**state, "metadata": meta}
        self.objects[stream, meta["name"]] = state
        return self.entry(stream, type, {"whole": state}, rv=self.rv, uid=meta["uid"])

    def change(self, stream: str, name: str, patch: dict[str, Any]) -> int:
        self.rv += 1
        before = self.objects[stream, name]
        patch = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": str(self.rv)}}
        after = mergepatch.apply(before, patch)
        self.objects[stream, name] = after
        data = {"patch": patch, "from": before["metadata"]["resourceVersion"]}
        return self.entry(stream, "modified", data, rv=self.rv, uid=after["metadata"]["uid"])

    def remove(self, stream: str, name: str) -> int:
        self.rv += 1
        before = self.objects.pop((stream, name))
        patch = {"metadata": {"resourceVersion": str(self.rv)}}
        data = {"patch": patch, "from": before["metadata"]["resourceVersion"]}
        return self.entry(stream, "deleted", data, rv=self.rv, uid=before["metadata"]["uid"])

    # the set and its revisions

    def template(self, text: str) -> dict[str, Any]:
        return {
            "metadata": {"labels": {"app": "nginx"}, "annotations": {"v": text}},
            "spec": {"containers": [{"image": text}]},
        }

    def create_set(
        self, replicas: int, *, text: str = "a", partition: int = 0, type: str = "RollingUpdate", **more: Any
    ) -> int:
        """`more` are further fields of the spec."""
        rolling = {"rollingUpdate": {"partition": partition}} if type == "RollingUpdate" else {}
        claims = [{"metadata": {"name": CLAIM}}] if self.claims else []
        return self.add(
            "statefulsets",
            {
                "metadata": {"name": NAME, "generation": 1},
                "spec": {
                    "replicas": replicas,
                    "serviceName": SERVICE,
                    "selector": {"matchLabels": {"app": "nginx"}},
                    "template": self.template(text),
                    "updateStrategy": {"type": type, **rolling},
                    "volumeClaimTemplates": claims,
                    **more,
                },
            },
        )

    @property
    def set(self) -> Any:
        return self.objects["statefulsets", NAME]

    def spec(self, **fields: Any) -> int:
        generation = self.set["metadata"]["generation"] + 1
        return self.change("statefulsets", NAME, {"metadata": {"generation": generation}, "spec": fields})

    def partition(self, value: int) -> int:
        return self.spec(updateStrategy={"rollingUpdate": {"partition": value}})

    def new_template(self, text: str) -> int:
        return self.spec(template=self.template(text))

    def revision(self, name: str, *, text: str = "") -> str:
        """The controller makes the revision `web-<name>` of the template of that name, or of another one."""
        text = text or name
        name = f"{NAME}-{name}"
        if ("controllerrevisions", name) not in self.objects:
            number = 1 + sum(kind == "controllerrevisions" for kind, _ in self.objects)
            data = {"spec": {"template": {**self.template(text), "$patch": "replace"}}}
            meta: dict[str, Any] = {"name": name}
            if ("statefulsets", NAME) in self.objects:
                meta["ownerReferences"] = [{"uid": self.set["metadata"]["uid"], "controller": True, "name": NAME}]
            self.add("controllerrevisions", {"metadata": meta, "data": data, "revision": number})
        return name

    def status(self, replicas: int, ready: int, current: int, updated: int, cur: str, upd: str, **more: Any) -> int:
        """A status as the controller writes it; if not given `observed` is the newest generation, `available` as `ready`."""
        observed = more.get("observed", self.set["metadata"]["generation"])
        fields = {
            "observedGeneration": observed,
            "replicas": replicas,
            "readyReplicas": ready,
            "availableReplicas": more.get("available", ready),
            "currentReplicas": current,
            "updatedReplicas": updated,
            "currentRevision": f"{NAME}-{cur}",
            "updateRevision": f"{NAME}-{upd}",
        }
        return self.change("statefulsets", NAME, {"status": fields})

    def counted(self, cur: str, upd: str, **but: Any) -> int:
        """A status that counts the set's pods as they are now, but for the fields given."""
        uid = self.set["metadata"]["uid"]
        pods = [
            state
            for (kind, _), state in self.objects.items()
            if kind == "pods" and any(ref["uid"] == uid for ref in state["metadata"].get("ownerReferences", ()))
        ]
        staying = [state for state in pods if "deletionTimestamp" not in state["metadata"]]
        revisions = [state["metadata"]["labels"]["controller-revision-hash"] for state in staying]
        counts = {
            "replicas": len(pods),
            "ready": sum(_is_running_and_ready(state) for state in pods),
            "current": revisions.count(f"{NAME}-{cur}"),
            "updated": revisions.count(f"{NAME}-{upd}"),
        }
        return self.status(**{"cur": cur, "upd": upd, **counts, **but})

    # pods

    def create_pod(self, ordinal: int, text: str, **changes: Any) -> int:
        name = f"{NAME}-{ordinal}"
        uid = changes.pop("owner", self.set["metadata"]["uid"])
        owner = {"uid": uid, "controller": True, "blockOwnerDeletion": True, "name": NAME}
        labels = {
            "app": "nginx",
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(ordinal),
            "controller-revision-hash": f"{NAME}-{text}",
            **changes.pop("labels", {}),
        }
        labels = {key: value for key, value in labels.items() if value is not None}
        claim = changes.pop("claim", f"{CLAIM}-{name}")
        volumes = [{"name": CLAIM, "persistentVolumeClaim": {"claimName": claim}}] if self.claims else []
        revision = self.objects.get(("controllerrevisions", f"{NAME}-{text}"), {})
        template = revision.get("data", {}).get("spec", {}).get("template", self.template(text))
        containers = template["spec"].get("containers", [])
        spec = {"hostname": name, "subdomain": SERVICE, "volumes": volumes, "containers": containers, **changes}
        annotations = changes.pop("annotations", template["metadata"].get("annotations"))
        spec.pop("annotations", None)
        meta = {"name": name, "labels": labels, "annotations": annotations, "ownerReferences": [owner]}
        return self.add("pods", {"metadata": meta, "spec": spec, "status": {"phase": "Pending"}})

    def ready(self, ordinal: int, address: str = "") -> int:
        condition = {"type": "Ready", "status": "True", "lastTransitionTime": self.stamp()}
        ip = address or self.address(ordinal)
        return self._pod(ordinal, {"status": {"phase": "Running", "conditions": [condition], "podIP": ip}})

    def unready(self, ordinal: int) -> int:
        return self._pod(ordinal, {"status": {"conditions": [{"type": "Ready", "status": "False"}]}})

    def fail(self, ordinal: int) -> int:
        return self.end_pod(ordinal, "Failed")

    def end_pod(self, ordinal: int, phase: str) -> int:
        """Its containers ended, as `Failed` or `Succeeded`."""
        return self._pod(ordinal, {"status": {"phase": phase, "conditions": [{"type": "Ready", "status": "False"}]}})

    def terminate(self, ordinal: int, grace_s: int = 30) -> int:
        gone = {"deletionTimestamp": "2026-01-01T00:00:30Z", "deletionGracePeriodSeconds": grace_s}
        return self._pod(ordinal, {"metadata": gone})

    def gone(self, ordinal: int) -> int:
        return self.remove("pods", f"{NAME}-{ordinal}")

    def replace(self, ordinal: int, text: str) -> int:
        """The controller creates a pod that is missing, and it becomes Ready; gives the entry of its creation."""
        created = self.create_pod(ordinal, text)
        self.ready(ordinal)
        return created

    def _pod(self, ordinal: int, patch: dict[str, Any]) -> int:
        return self.change("pods", f"{NAME}-{ordinal}", patch)

    def pod_uid(self, ordinal: int) -> str:
        uid: str = self.objects["pods", f"{NAME}-{ordinal}"]["metadata"]["uid"]
        return uid

    # this run's own operations

    def start(self, verb: str, resource: str, name: str, operation: dict[str, Any], uid: str = "", **more: Any) -> int:
        request = {"verb": verb, "resource": resource, "name": name, "uid": uid, **more}
        data = {"phase": "p", "task": "p/do[0]", "k": 0, "operation": operation, "request": request}
        return self.entry("operations", "start", data, uid=uid)

    def finish(self, start: int, outcome: str = "ok", rv: int | None = None) -> int:
        return self.entry("operations", "end", {"start": start, "outcome": outcome, "status": 200}, rv=rv)

    def kill(self, ordinal: int) -> None:
        """An own graceful delete of a pod, from its start entry to its answer."""
        start = self.start(
            "delete", "pods", f"{NAME}-{ordinal}", {"kind": "delete-pods", "ordinals": [ordinal]}, self.pod_uid(ordinal)
        )
        self.terminate(ordinal)
        self.finish(start, rv=self.rv)

    def delete_set(self, cascade: str = "background") -> int:
        """The start entry of an own delete of the set; what becomes of the set is told apart."""
        return self.start("delete", "statefulsets", NAME, {"kind": "delete-set", "cascade": cascade})

    def set_deleting(self, finalizer: str) -> int:
        """The set waits for the garbage collector: `orphan` or `foregroundDeletion`."""
        meta = {
            "generation": self.set["metadata"]["generation"] + 1,
            "deletionTimestamp": "2026-01-01T00:00:00Z",
            "finalizers": [finalizer],
        }
        return self.change("statefulsets", NAME, {"metadata": meta})

    def set_gone(self) -> int:
        return self.remove("statefulsets", NAME)

    def orphan(self, ordinal: int) -> int:
        """A pod loses its owner."""
        return self._pod(ordinal, {"metadata": {"ownerReferences": None}})

    def adopt(self, ordinal: int) -> int:
        owner = {"uid": self.set["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True, "name": NAME}
        return self._pod(ordinal, {"metadata": {"ownerReferences": [owner]}})

    # what probes were told

    def dns(self, ordinal: int, *addresses: str, sent_s: float = 0.0, **but: Any) -> int:
        """An answer that was asked for `sent_s` before now."""
        name = f"{NAME}-{ordinal}.{SERVICE}"
        code = "NOERROR" if addresses else "NXDOMAIN"
        data = {"source": "p0", "name": name, "ordinal": ordinal, "code": code, "addresses": addresses, **but}
        return self.entry("dns", "answer", {"sent": self._asked(sent_s), **data})

    def page(self, ordinal: int, text: str, *, ok: bool = True, sent_s: float = 0.0, address: str = "") -> int:
        """What the web server of an ordinal answered; asked for `sent_s` before now."""
        name = f"{NAME}-{ordinal}.{SERVICE}"
        data = {"source": "p0", "name": name, "ordinal": ordinal, "sent": self._asked(sent_s)}
        return self.entry(
            "http", "answer", {**data, "ok": ok, "text": text, "address": address or self.address(ordinal)}
        )

    def address(self, ordinal: int) -> str:
        """The address that an ordinal's pod has, or has in these histories once it is Ready."""
        status = self.objects.get(("pods", f"{NAME}-{ordinal}"), {}).get("status", {})
        return str(status.get("podIP", f"10.1.0.{ordinal}"))

    def _asked(self, sent_s: float) -> float:
        # Between the last entry and the answer's own.
        return round(self.t + self.step_s / 2 - sent_s, 6)

    def lease(self, holder: str) -> int:
        """The controller manager renews its Lease, or takes it."""
        if ("leases", "kcm") in self.objects:
            return self.change("leases", "kcm", {"spec": {"holderIdentity": holder}})
        return self.add("leases", {"metadata": {"name": "kcm"}, "spec": {"holderIdentity": holder}})

    def wait(self, seconds: float) -> None:
        """Let time pass; what is recorded next comes so much later."""
        self.t += seconds

    def live(self, seconds: float) -> None:
        """Let time pass in which the controller manager, `kcm`, is seen to run: it renews its Lease every 4 s."""
        ends = self.t + seconds
        while self.t < ends:
            self.lease("kcm")
            self.t = min(self.t + 4, ends)
        self.lease("kcm")

    # claims and what is written into them

    def claim(self, ordinal: int, name: str = CLAIM) -> int:
        return self.add("persistentvolumeclaims", {"metadata": {"name": f"{name}-{NAME}-{ordinal}"}})

    def write_page(self, ordinal: int, number: int, outcome: str = "ok") -> str:
        """This run writes a page through the pod of an ordinal; gives the token."""
        token = self.token(ordinal, number)
        self.finish(self.begin_write(ordinal, token), outcome)
        return token

    def token(self, ordinal: int, number: int) -> str:
        claim = self.objects["persistentvolumeclaims", f"{CLAIM}-{NAME}-{ordinal}"]["metadata"]["uid"]
        return f"{NAME}/{ordinal}/{claim}/{self.pod_uid(ordinal)}/{number}"

    def begin_write(self, ordinal: int, token: str) -> int:
        return self.start(
            "exec",
            "pods",
            f"{NAME}-{ordinal}",
            {"kind": "write-pages"},
            self.pod_uid(ordinal),
            ordinal=ordinal,
            token=token,
        )

    # whole scenes

    def settled(self, replicas: int, text: str = "a", **more: Any) -> None:
        """A set of this size, made by a correct controller, all pods Ready, status written."""
        self.create_set(replicas, text=text, **more)
        self.revision(text)
        self.status(0, 0, 0, 0, text, text)
        for ordinal in range(replicas):
            self.create_pod(ordinal, text)
            self.status(ordinal + 1, ordinal, ordinal + 1, ordinal + 1, text, text)
            self.ready(ordinal)
            self.status(ordinal + 1, ordinal + 1, ordinal + 1, ordinal + 1, text, text)
        self.show()


def _is_running_and_ready(state: Any) -> bool:
    conditions = state["status"].get("conditions", ())
    return state["status"]["phase"] == "Running" and any(c["status"] == "True" for c in conditions)
