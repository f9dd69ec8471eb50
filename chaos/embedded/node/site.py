"""What a node offers the pods on it."""

from typing import NamedTuple

from chaos.embedded.controllers.client import Client
from chaos.embedded.interface import Api, Now
from chaos.embedded.node.gate import Gate
from chaos.embedded.node.images import Images
from chaos.embedded.node.network import Network, Subnet
from chaos.embedded.node.resolving import Dns
from chaos.embedded.node.settings import NodeSettings
from chaos.embedded.node.volumes import Volumes


class Site(NamedTuple):
    """A node, as the pods on it meet it. `gate` is closed while the kubelet is frozen."""

    name: str
    host_ip: str
    api: Api
    client: Client
    now: Now
    network: Network
    subnet: Subnet
    volumes: Volumes
    dns: Dns
    images: Images
    gate: Gate
    settings: NodeSettings
