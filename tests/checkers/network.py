"""A world with a Service: its EndpointSlices tell of its pods, and a DNS server answers from them."""

from typing import Any

from tests.checkers.world import NAME, SERVICE, World

MANAGED = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}


class Net(World):
    """Slices are written when a test says so: until then they lag."""

    def service(self, name: str = SERVICE, **spec: Any) -> int:
        """A headless Service that selects the set's pods."""
        ports = [{"name": "web", "port": 80}]
        whole = {"clusterIP": "None", "selector": {"app": "nginx"}, "ports": ports, "ipFamilies": ["IPv4"], **spec}
        return self.add("services", {"metadata": {"name": name}, "spec": whole})

    def published(self, replicas: int) -> "Net":
        """A settled set behind a Service, with a slice that tells of all its pods."""
        self.service()
        self.settled(replicas)
        self.publish()
        self.show()
        return self

    def publish(self, *pods: dict[str, Any], name: str = "nginx-1") -> int:
        """The slice tells of these pods, or of all that have an address and have not ended, as they are now."""
        chosen = pods or tuple(state for (kind, _), state in self.objects.items() if kind == "pods" and _belongs(state))
        return self.slice(*(self.endpoint_of(state) for state in chosen), name=name)

    def slice(self, *endpoints: dict[str, Any], name: str = "nginx-1", service: str = SERVICE) -> int:
        """A slice of a Service now has these endpoints."""
        if ("endpointslices", name) in self.objects:
            return self.change("endpointslices", name, {"endpoints": list(endpoints)})
        owner = self.objects.get(("services", service), {"metadata": {"uid": "none"}})["metadata"]["uid"]
        meta = {
            "name": name,
            "labels": {"kubernetes.io/service-name": service, **MANAGED},
            "ownerReferences": [{"kind": "Service", "name": service, "uid": owner}],
        }
        return self.add("endpointslices", {"metadata": meta, "addressType": "IPv4", "endpoints": list(endpoints)})

    def endpoint(self, ordinal: int, **but: Any) -> dict[str, Any]:
        """A pod as an endpoint of the slice, as it is now but for what is given."""
        return {**self.endpoint_of(self.objects["pods", f"{NAME}-{ordinal}"]), **but}

    def endpoint_of(self, state: Any) -> dict[str, Any]:
        """What the slice controller makes of a pod."""
        meta, status = state["metadata"], state["status"]
        serving = any(each["status"] == "True" for each in status.get("conditions", ()))
        terminating = "deletionTimestamp" in meta
        return {
            "addresses": [status["podIP"]],
            "conditions": {"ready": serving and not terminating, "serving": serving, "terminating": terminating},
            "hostname": state["spec"].get("hostname", ""),
            "targetRef": {"kind": "Pod", "name": meta["name"], "uid": meta["uid"]},
        }

    def leaves(self, ordinal: int) -> None:
        """This run deletes a pod; the slice tells that it ends, then that it is gone."""
        self.kill(ordinal)
        self.publish()
        self.gone(ordinal)
        self.publish()

    def comes(self, ordinal: int, address: str = "") -> None:
        """The controller makes a pod, which becomes Ready and is published."""
        self.create_pod(ordinal, "a")
        self.ready(ordinal, address)
        self.publish()

    def asks(self, ordinal: int, *addresses: str, resolver: str = "", **but: Any) -> int:
        """An answer from a server, or from whoever answers pods."""
        if resolver:
            but["resolver"] = resolver
        if ordinal < 0:
            but["name"] = SERVICE
        return self.dns(ordinal, *addresses, **but)

    def passes(self, seconds: float) -> None:
        """Time passes in which the controller manager is seen to run and markers are written."""
        self.live(seconds)
        self.show()


def _belongs(state: Any) -> bool:
    status = state["status"]
    return bool(status.get("podIP")) and status["phase"] not in ("Failed", "Succeeded")
