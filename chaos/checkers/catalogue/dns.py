"""Names: hostnames, EndpointSlices and DNS answers."""

from chaos.verdict import Guarantee

_SLICES = "staging/src/k8s.io/endpointslice: reconciler.go, utils.go podToEndpoint"
_COREDNS = "kubernetes/dns: specification, 2.4; CoreDNS plugins kubernetes and cache"
_BEHIND = (
    "answers that are late by 5 to 15 s; late answers while the controller manager's Lease was not seen renewed, or shortly "
    "after a question that got no answer at all"
)
_WRITES = "a write that only states older than 10 s explain, or only states before a restart that may have gone unseen"

DNS = (
    Guarantee(
        "dns.hostname",
        ("S71",),
        "pkg/kubelet: GeneratePodHostNameAndDomain, ensureHostsFile",
        "In its containers a pod's hostname is its name, and NAME.SERVICE.NAMESPACE.svc stands in /etc/hosts.",
        "a page is written into a pod for the first time (tasks write-pages), which tells its hostname",
        "another hostname, or another full name than that of the pod and its subdomain",
        "commands that failed",
    ),
    Guarantee(
        "dns.endpoints",
        ("S72",),
        f"{_SLICES}, ShouldPodBeInEndpoints, ShouldSetHostname",
        "The EndpointSlices of the Service list every pod with an address that has not ended, with its uid and its hostname.",
        "a pod is listed for the first time",
        "an endpoint that no state of the pods explains: of a strange pod, with another hostname or address; a pod that is left out",
        _WRITES,
    ),
    Guarantee(
        "dns.conditions",
        ("S73",),
        _SLICES,
        "An endpoint is ready if its pod is Ready and not terminating (or the Service publishes all), serving if it is Ready.",
        "a listed pod becomes ready, unready or terminating",
        "conditions that no state of the pods explains together with everything else in the slice",
        _WRITES,
    ),
    Guarantee(
        "dns.departure",
        ("S74",),
        "pkg/controller/endpointslice: deletePod",
        "A pod that is gone leaves the EndpointSlices.",
        "a slice no longer lists a pod that was being deleted",
        "a slice that lists a deleted pod beside younger states of others, or for a minute although its controller runs",
        _WRITES,
    ),
    Guarantee(
        "dns.answers",
        ("S75",),
        _COREDNS,
        "A pod's name resolves to addresses that were published for that pod.",
        "an address is answered for a pod's name",
        "an address that was never published under the name",
        "answers that are errors",
    ),
    Guarantee(
        "dns.freshness",
        ("S74", "S76"),
        _COREDNS,
        "An address is answered no longer than caches allow after it was withdrawn (recorded in run.json, 30 s unless known).",
        "a name is asked for, later than that after its address was withdrawn",
        "an address that was withdrawn longer ago than caches allow and 15 s",
        _BEHIND,
    ),
    Guarantee(
        "dns.appearance",
        ("S77",),
        _COREDNS,
        "A name that was denied resolves as soon as its address has been published for longer than caches keep a denial.",
        "a name that was denied is asked for, longer than that after its address was published",
        "a denial although the name has had an address for longer than caches keep a denial and 15 s",
        _BEHIND,
    ),
    Guarantee(
        "dns.service",
        ("S78",),
        _COREDNS,
        "The Service's own name resolves to the addresses of all ready pods at one moment, and does not exist without any.",
        "the Service's name is asked for (tasks probe-dns with names: service or all)",
        "a set of addresses that was not published at any moment that caches allow and 15 s",
        _BEHIND,
    ),
    Guarantee(
        "dns.monotonic",
        ("S79",),
        "client-go informers: the store of one process does not go back",
        "One DNS server that is asked directly does not go back to what it answered before.",
        "a server is asked directly for a name that has changed since (where kube-system's EndpointSlices may be read)",
        "an answer older than what the same server answered before, by more than its cache explains",
        "a question without an answer shortly before: the server may have been started anew",
    ),
)
