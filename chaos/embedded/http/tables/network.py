"""Services and what is behind them.

Source: k8s.io/kubernetes 1.37.2 pkg/printers/internalversion/printers.go (printService, printEndpoints, printEndpointSlice).
"""

import datetime

from chaos.embedded.http.tables.ages import age
from chaos.embedded.http.tables.columns import Cell, Printer, members, name_of, named, number, rows, text, wide, words
from chaos.embedded.interface import Json

NONE = "<none>"
SHOWN = 3
"""So many addresses or ports are named, the others counted."""


def _service(item: Json, now: datetime.datetime) -> list[Cell]:
    addresses = words(item, "spec", "clusterIPs")
    selector = members(item, "spec", "selector")
    return [
        name_of(item),
        text(item, "spec", "type"),
        addresses[0] if addresses else NONE,
        _external(item),
        ",".join(_port(each) for each in rows(item, "spec", "ports")) or NONE,
        age(item, now),
        ",".join(f"{key}={selector[key]}" for key in sorted(selector)) or NONE,
    ]


def _external(item: Json) -> str:
    told = words(item, "spec", "externalIPs")
    match text(item, "spec", "type"):
        case "ClusterIP" | "NodePort":
            return ",".join(told) or NONE
        case "LoadBalancer":
            ways = rows(item, "status", "loadBalancer", "ingress")
            found = {text(each, "ip") or text(each, "hostname"): None for each in ways}
            return ",".join([*sorted(filter(None, found)), *told]) or "<pending>"
        case "ExternalName":
            return text(item, "spec", "externalName")
    return "<unknown>"


def _port(port: Json) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node}/{port.get('protocol', '')}"


def _endpoints(item: Json, now: datetime.datetime) -> list[Cell]:
    subsets = rows(item, "subsets")
    found = [each for subset in subsets for each in _reached(subset)]
    return [name_of(item), _some(found) if subsets else NONE, age(item, now)]


def _reached(subset: Json) -> list[str]:
    addresses = [text(each, "ip") for each in rows(subset, "addresses")]
    ports = [number(each, "port") for each in rows(subset, "ports")]
    if not ports:
        return addresses
    return [f"[{each}]:{port}" if ":" in each else f"{each}:{port}" for port in ports for each in addresses]


def _slice(item: Json, now: datetime.datetime) -> list[Cell]:
    ports = [text(each, "port") or text(each, "name") or "*" for each in rows(item, "ports")]
    addresses = [address for each in rows(item, "endpoints") for address in words(each, "addresses")]
    return [
        name_of(item),
        text(item, "addressType"),
        _some(ports) or "<unset>",
        _some(addresses) or "<unset>",
        age(item, now),
    ]


def _some(found: list[str]) -> str:
    more = f" + {len(found) - SHOWN} more..." if len(found) > SHOWN else ""
    return ",".join(found[:SHOWN]) + more


PRINTERS = {
    "Service": Printer(
        (*named("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"), *wide("Selector")), _service
    ),
    "Endpoints": Printer(named("Name", "Endpoints", "Age"), _endpoints),
    "EndpointSlice": Printer(named("Name", "AddressType", "Ports", "Endpoints", "Age"), _slice),
}
