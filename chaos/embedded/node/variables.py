"""The environment variables of a container, from literals, fields of its pod, ConfigMaps and Secrets. Pure but for the reading.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables) and third_party/forked/golang/expansion.
"""

import base64
import re
from collections.abc import Callable, Mapping

from chaos.embedded.interface import ApiError, Json

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
API_ADDRESS = "10.96.0.1"

Read = Callable[[str, str, str], Json]
"""The API's `get`: resource, namespace, name."""

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_.\-][\w.\-]*)\)")
_KEYED = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")


class ConfigError(Exception):
    """Something that a container's configuration refers to is not there."""


def variables(pod: Json, spec: Json, hostname: str, address: str, host_ip: str, read: Read) -> dict[str, str]:
    """All variables, in the order in which they may refer to each other.

    Raises:
        ConfigError: a ConfigMap, Secret, or key of one is missing and not optional.
    """
    found = {
        "PATH": PATH,
        "HOSTNAME": hostname,
        "KUBERNETES_SERVICE_HOST": API_ADDRESS,
        "KUBERNETES_SERVICE_PORT": "443",
        "HOME": "/root",
    }
    namespace = pod["metadata"]["namespace"]
    for source in spec.get("envFrom") or ():
        for kind, field in (("configmaps", "configMapRef"), ("secrets", "secretRef")):
            if field in source:
                prefix = source.get("prefix", "")
                content = content_of(read, kind, namespace, source[field])
                found.update({prefix + name: data.decode() for name, data in content.items()})
    for each in spec.get("env") or ():
        if "valueFrom" in each:
            value = _from(each["valueFrom"], pod, address, host_ip, read)
            if value is not None:
                found[each["name"]] = value
        else:
            found[each["name"]] = expanded(str(each.get("value", "")), found)
    return found


def expanded(text: str, known: Mapping[str, str]) -> str:
    """The text with every $(NAME) that is known replaced; $$ is a dollar sign."""
    if "$" not in text:
        return text
    return _REFERENCE.sub(lambda found: "$" if found[0] == "$$" else known.get(found[1], found[0]), text)


def content_of(read: Read, kind: str, namespace: str, reference: Json) -> dict[str, bytes]:
    """What a ConfigMap or Secret holds; nothing if it is missing and optional.

    Raises:
        ConfigError: it is missing.
    """
    name = reference.get("name") or reference.get("secretName", "")
    try:
        item = read(kind, namespace, name)
    except ApiError as error:
        if error.status == 404 and reference.get("optional"):
            return {}
        raise ConfigError(f'{kind.removesuffix("s")} "{name}" not found') from error
    if kind == "secrets":
        return {key: base64.b64decode(value) for key, value in (item.get("data") or {}).items()}
    literal = {key: str(value).encode() for key, value in (item.get("data") or {}).items()}
    return {**literal, **{key: base64.b64decode(value) for key, value in (item.get("binaryData") or {}).items()}}


def _from(source: Json, pod: Json, address: str, host_ip: str, read: Read) -> str | None:
    if "fieldRef" in source:
        return _field(source["fieldRef"]["fieldPath"], pod, address, host_ip)
    for kind, field in (("configmaps", "configMapKeyRef"), ("secrets", "secretKeyRef")):
        if field in source:
            reference = source[field]
            content = content_of(read, kind, pod["metadata"]["namespace"], reference)
            if reference["key"] in content:
                return content[reference["key"]].decode()
            if reference.get("optional"):
                return None
            what = "ConfigMap" if kind == "configmaps" else "Secret"
            name = f"{pod['metadata']['namespace']}/{reference['name']}"
            raise ConfigError(f"couldn't find key {reference['key']} in {what} {name}")
    return "0"


def _field(path: str, pod: Json, address: str, host_ip: str) -> str:
    meta, spec = pod["metadata"], pod["spec"]
    keyed = _KEYED.fullmatch(path)
    if keyed:
        return str((meta.get(keyed[1]) or {}).get(keyed[2], ""))
    known = {
        "metadata.name": meta["name"],
        "metadata.namespace": meta["namespace"],
        "metadata.uid": meta["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", "default"),
        "status.podIP": address,
        "status.podIPs": address,
        "status.hostIP": host_ip,
        "status.hostIPs": host_ip,
    }
    return str(known.get(path, ""))
