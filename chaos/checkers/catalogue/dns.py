"""Names: EndpointSlices and DNS answers."""

from chaos.verdict import Guarantee

DNS = (
    Guarantee(
        "dns.answers",
        ("S75", "S76"),
        "kubernetes/dns: specification, 2.4; CoreDNS plugin kubernetes",
        "web-k.nginx resolves to an address that web-k held within the last 35 s.",
        "an address is answered for a pod's name",
        "an address that this pod did not hold in the 35 s before the question",
        "answers that are errors; names asked while a watch had a gap",
    ),
    Guarantee(
        "dns.endpoints",
        ("S72",),
        "staging/src/k8s.io/endpointslice: podToEndpoint, ShouldSetHostname",
        "EndpointSlices publish each pod with its own address and its name as hostname.",
        "a pod is published in a slice of the set's service for the first time",
        "an endpoint has another pod's hostname or an address that its pod never had",
    ),
)
