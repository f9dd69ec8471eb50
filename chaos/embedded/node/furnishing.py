"""What a container finds when it starts: the files that a kubelet puts there, volumes, variables, names."""

from chaos.embedded.interface import Json
from chaos.embedded.node.container import LOOPBACK, Container
from chaos.embedded.node.dns import DOMAIN
from chaos.embedded.node.files import Files
from chaos.embedded.node.resolving import resolver_of
from chaos.embedded.node.site import Site
from chaos.embedded.node.variables import variables
from chaos.embedded.node.volumes import mounts

LONGEST_HOSTNAME = 63


def furnished(pod: Json, spec: Json, address: str, site: Site, contents: dict[str, dict[str, bytes]]) -> Container:
    """A new run of a container of the pod; `contents` are the pod's volumes.

    Raises:
        ConfigError: a ConfigMap, Secret, or key of one is missing.
    """
    hostname = str(pod["spec"].get("hostname") or pod["metadata"]["name"])[:LONGEST_HOSTNAME].rstrip("-.")
    names = [hostname]
    if pod["spec"].get("subdomain"):
        names.insert(0, f"{hostname}.{pod['spec']['subdomain']}.{pod['metadata']['namespace']}.svc.{DOMAIN}")
    resolver = resolver_of(pod)
    own = {
        "tmp/.": b"",
        "etc/hostname": f"{hostname}\n".encode(),
        "etc/hosts": f"# Kubernetes-managed hosts file.\n{LOOPBACK}\tlocalhost\n{address}\t{chr(9).join(names)}\n".encode(),
        "etc/resolv.conf": resolver.text(),
    }
    return Container(
        spec,
        Files(own, mounts(spec, contents)),
        variables(pod, spec, hostname, address, site.host_ip, site.api.get),
        {"localhost": LOOPBACK, **dict.fromkeys(names, address)},
        address,
        resolver,
        site.dns,
        site.network,
        site.now,
    )
