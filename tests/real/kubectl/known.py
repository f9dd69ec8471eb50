"""What the embedded cluster says otherwise, and why it may.

A difference is excused line by line, so that whatever else differs in the output of the same command is found.
"""

from typing import NamedTuple

from tests.real.kubectl.steps import NODE


class Known(NamedTuple):
    """Why something differs, and the lines that may, without blanks around them; None: any may.

    `is_race`: it depends on who is faster, so that it need not show.
    """

    why: str
    lines: frozenset[str] | None = None
    is_race: bool = False


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.splitlines())


PROSE = Known("what fields mean is Kubernetes' own prose, which is not served")
CERTIFICATE = Known(
    "nobody has to log in to the embedded cluster",
    _lines("Extra: authentication.kubernetes.io/credential-id  [X509SHA256=<hash>]"),
)
QUOTAS = Known("quotas and limit ranges are not served", _lines("\nNo resource quota.\nNo LimitRange resource."))
CLASS = Known("the real cluster's class was applied by kubectl")
ENDPOINTS = Known("Endpoints are deprecated: services have EndpointSlices only")
TOKEN = Known(
    "pods get no token of their account: nothing in the embedded cluster would read it",
    _lines("""
        - mountPath: /var/run/secrets/kubernetes.io/serviceaccount
        name: kube-api-access-<drawn>
        - name: kube-api-access-<drawn>
        readOnly: true
        projected:
        defaultMode: 420
        sources:
        - serviceAccountToken:
        expirationSeconds: 3607
        path: token
        - configMap:
        items:
        - key: ca.crt
        path: ca.crt
        name: kube-root-ca.crt
        - downwardAPI:
        - fieldRef:
        apiVersion: v1
        fieldPath: metadata.namespace
        path: namespace
        volumes:
        volumeMounts:
        Mounts:
        Mounts:  <none>
        Volumes:
        Volumes:  <none>
        /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-<drawn> (ro)
        kube-api-access-<drawn>:
        Type:  Projected (a volume that contains injected data from multiple sources)
        TokenExpirationSeconds:  3607
        ConfigMapName:  kube-root-ca.crt
        Optional:  false
        DownwardAPI:  true
        node.kubernetes.io/unreachable:NoExecute op=Exists for 300s
    """),
)
STATUS = Known(
    "the embedded kubelet does not tell a container's resources, user and mounts",
    _lines("""
        allocatedResources:
        - allocatedResources:
        cpu: 10m
        memory: 16Mi
        containerID: <image or container>
        - containerID: <image or container>
        resources: {}
        resources:
        requests:
        user:
        linux:
        gid: 0
        supplementalGroups:
        - 0
        uid: 0
        volumeMounts:
        - mountPath: /data
        - mountPath: /var/run/secrets/kubernetes.io/serviceaccount
        name: www
        name: kube-api-access-<drawn>
        readOnly: true
        recursiveReadOnly: Disabled
    """),
)
KUBELET = Known(
    "the embedded kubelet leaves no events",
    frozenset(
        f"Normal  {reason}  kubelet  {where}{told}"
        # Before 1.33, kubectl does not say which container.
        for where, image in (
            ("spec.containers{nginx}: ", "nginx:1.27"),
            ("spec.containers{main}: ", "busybox:1.28.4"),
            ("spec.initContainers{first}: ", "busybox:1.28.4"),
            ("", "nginx:1.27"),
            ("", "busybox:1.28.4"),
        )
        for reason, told in (
            ("Created", "Container created"),
            ("Started", "Container started"),
            ("Pulled", f'Container image "{image}" already present on machine and can be accessed by the pod'),
        )
    ),
)
PROVISIONED = Known(
    "the embedded provisioner leaves no events",
    frozenset(
        (
            "Events:",
            "Events:  <none>",
            "Normal  ProvisioningSucceeded  persistentvolume-controller  "
            "Successfully provisioned volume pvc-<uid> using kubernetes.io/host-path",
        )
    ),
)
REGISTERED = Known(
    "the embedded node controller leaves no event of a new node, and no hint how long its pods may keep what they read",
    _lines(f"""
        Annotations:  node.alpha.kubernetes.io/ttl: 0
        Annotations:  <none>
        Events:
        Events:  <none>
        Normal  RegisteredNode  node-controller  Node {NODE}-<drawn> event: Registered Node {NODE}-<drawn> in Controller
    """),
)
EMPTY = Known(
    "whether a budget is looked at before there are pods depends on who is faster",
    _lines("""
        Events:
        Events:  <none>
        Normal  NoPods  controllermanager  No matching pods found
    """),
    is_race=True,
)
UNHEALTHY = Known(
    "whether a container is probed before it listens depends on who is faster",
    frozenset(
        f'Warning  Unhealthy  kubelet  {where}Readiness probe failed: Get "<server>/": dial tcp <ip>:80: connect: connection refused'
        for where in ("", "spec.containers{nginx}: ")
    ),
    is_race=True,
)
UNBOUND = Known(
    "whether a claim is bound before the scheduler looks at its pod depends on who is faster: it does not wait for claims of a class"
    " that binds at once (k8s.io/kubernetes 1.37.2 pkg/scheduler/framework/plugins/volumebinding, PreFilter)",
    frozenset({"Warning  FailedScheduling  default-scheduler  <nodes> are available"}),
    is_race=True,
)
INTERNAL = Known("the comparison that is shown is one of Kubernetes' internal types")

KNOWN: dict[str, tuple[Known, ...]] = {
    "server/auth whoami": (CERTIFICATE,),
    "server/explain a field": (PROSE,),
    "server/explain a kind's structure": (PROSE,),
    "server/describe a namespace": (QUOTAS,),
    "server/describe a storage class": (CLASS,),
    "sets/get endpoints": (ENDPOINTS,),
    "sets/get a pod in YAML": (TOKEN, STATUS),
    "sets/describe a pod": (TOKEN, KUBELET, UNHEALTHY, UNBOUND),
    "sets/describe a budget": (EMPTY,),
    "sets/describe a claim": (PROVISIONED,),
    "pods/describe a pod that has ended": (TOKEN, KUBELET),
    "pods/describe a pod that was restarted": (TOKEN, KUBELET),
    "pods/describe a pod that is nowhere": (TOKEN,),
    "pods/get a pod that has ended in YAML": (TOKEN, STATUS),
    "pods/change what may not change": (INTERNAL,),
    "pods/run --dry-run": (TOKEN,),
    "nodes/describe": (REGISTERED,),
}
"""By chapter and name of the command."""
