"""Stable identity, from single objects: names and labels (S1), succession (S2), claims (S5, S53)."""

from collections import OrderedDict
from typing import Any, ClassVar

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import controller_uid, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.history.order import KEPT_S, Event


class IdentityChecker(Checker):
    """Pods of the target set have the names, labels, hostnames and claims that their ordinals give them."""

    follows = ("statefulsets", "persistentvolumeclaims", "pods")
    minds: ClassVar = {"statefulsets": ("spec",), "persistentvolumeclaims": ("spec",)}

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._templates: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._ended: OrderedDict[str, float] = OrderedDict()
        self._alive: dict[str, tuple[str, int]] = {}
        self._had: set[str] = set()

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        match event.stream:
            case "statefulsets" if event.after["metadata"]["name"] == self._set_name:
                self._on_set(event)
            case "persistentvolumeclaims":
                self._on_claim(event)
            case "pods" if ordinal_of(event.after["metadata"]["name"], self._set_name) >= 0:
                self._on_pod(event)

    def _on_set(self, event: Event) -> None:
        if event.type == "deleted":
            self._ended[event.uid] = event.t
            while next(iter(self._ended.values())) < event.t - KEPT_S:
                self._templates.pop(self._ended.popitem(last=False)[0], None)
            return
        if event.before is not None and event.before["spec"] is event.after["spec"]:
            return
        spec = event.after["spec"]
        templates = tuple(t["metadata"]["name"] for t in spec.get("volumeClaimTemplates", ()))
        self._templates[event.uid] = (spec.get("serviceName", ""), templates)

    def _on_pod(self, event: Event) -> None:
        name = event.after["metadata"]["name"]
        if event.type == "deleted":
            if self._alive.get(name, ("",))[0] == event.uid:
                del self._alive[name]
            return
        known = self._alive.get(name)
        if known is not None and known[0] != event.uid:
            self._ledger.violated(
                "identity.succession",
                f"pod {name} has a second uid {event.uid} at resourceVersion {event.rv} before the first, {known[0]}, was "
                f"removed",
                (known[1], event.i),
                (f"pods/{name}",),
            )
        if known is None or known[0] != event.uid:
            self._alive[name] = (event.uid, event.i)
        owner = controller_uid(event.after["metadata"])
        if event.type == "added" and owner in self._templates:
            self._on_new_pod(event, name, owner)

    def _on_new_pod(self, event: Event, name: str, owner: str) -> None:
        if name in self._had:
            self._ledger.exercised("identity.succession")
        service, templates = self._templates[owner]
        wrong = [
            f"{what} is {got!r}, expected {want!r}"
            for what, got, want in self._shape(event, name, service)
            if got != want
        ]
        self._ledger.exercised("identity.pod")
        if wrong:
            self._ledger.violated(
                "identity.pod",
                f"pod {name} at resourceVersion {event.rv}: {'; '.join(wrong)}",
                (event.i,),
                (f"pods/{name}",),
            )
        mounted = {
            volume["name"]: volume["persistentVolumeClaim"]["claimName"]
            for volume in event.after["spec"].get("volumes", ())
            if "persistentVolumeClaim" in volume
        }
        for template in templates:
            self._on_mount(event, name, template, mounted.get(template, "none"))
        self._had.add(name)

    def _on_mount(self, event: Event, name: str, template: str, claim: str) -> None:
        expected = f"{template}-{name}"
        if claim != expected:
            self._ledger.violated(
                "identity.claim",
                f"pod {name} at resourceVersion {event.rv} mounts claim {claim} as {template}, expected {expected}",
                (event.i,),
                (f"pods/{name}", f"persistentvolumeclaims/{claim}"),
            )
        elif name in self._had:
            self._ledger.exercised("identity.claim")

    def _shape(self, event: Event, name: str, service: str) -> list[tuple[str, Any, Any]]:
        meta, spec = event.after["metadata"], event.after["spec"]
        labels = meta.get("labels", {})
        ref = next(ref for ref in meta["ownerReferences"] if ref.get("controller"))
        ordinal = str(ordinal_of(name, self._set_name))
        return [
            ("label statefulset.kubernetes.io/pod-name", labels.get("statefulset.kubernetes.io/pod-name"), name),
            ("label apps.kubernetes.io/pod-index", labels.get("apps.kubernetes.io/pod-index", ordinal), ordinal),
            ("label controller-revision-hash", bool(labels.get("controller-revision-hash")), True),
            ("spec.hostname", spec.get("hostname"), name),
            ("spec.subdomain", spec.get("subdomain", ""), service),
            ("blockOwnerDeletion", ref.get("blockOwnerDeletion"), True),
        ]

    def _on_claim(self, event: Event) -> None:
        name, before = event.after["metadata"]["name"], event.before or {}
        had = before.get("spec", {}).get("volumeName")
        has = event.after.get("spec", {}).get("volumeName")
        if had and has != had and self._is_of_the_set(name):
            message = (
                f"claim {name} is bound to volume {has} from resourceVersion {event.rv} on, expected {had} as ever"
            )
            self._ledger.violated("identity.claim", message, (event.i,), (f"persistentvolumeclaims/{name}",))

    def _is_of_the_set(self, claim: str) -> bool:
        templates = {template for _, names in self._templates.values() for template in names}
        return any(ordinal_of(claim, f"{template}-{self._set_name}") >= 0 for template in templates)
