"""A node without a machine: cordoned, drained against a budget, uncordoned.

Nothing runs on it, so the real cluster's own node and what others run there are left alone.
"""

from tests.real.kubectl.steps import NODE, Chapter, Step, Until

RUNNING = (
    "patch pod on-it-{pod} --subresource=status --type=merge -p "
    '\'{{"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True"}}]}}}}\''
)
BEAT = (
    f"patch node {NODE} --subresource=status -p "
    '\'{{"status":{{"conditions":[{{"type":"Ready","lastHeartbeatTime":"2099-01-01T00:00:0{second}Z"}}]}}}}\''
)
"""What a kubelet would do: a node that is not heard of for 50 s is lost, and on a busy machine the chapter takes longer."""

ALLOWED = "get pdb on-it -o jsonpath={.status.currentHealthy}/{.status.disruptionsAllowed}"

STATUS = f"patch node {NODE} --subresource=status --type=merge --patch-file=node-status.yaml"

CHAPTER = Chapter(
    "nodes",
    (
        Step("create", "create -f node.yaml"),
        Step("tell its status", STATUS),
        Step("cordon", f"cordon {NODE}"),
        Step("cordon again", f"cordon {NODE}"),
        Step("get", f"get node {NODE} -o wide"),
        Step("get by label", "get nodes -l node-role.kubernetes.io/spare -o name"),
        Step("get by field", "get nodes --field-selector spec.unschedulable=true -o name"),
        Step("describe", f"describe node {NODE}"),
        Step("be heard of", BEAT.format(second=1)),
        Step("put pods on it", "create -f on-it.yaml"),
        Step("let one run", RUNNING.format(pod="a")),
        Step("let the other run", RUNNING.format(pod="b")),
        Step("get pods", "get pods -o wide"),
        Step("get the budget", "get pdb on-it", after=(Until(ALLOWED, "2/0"),)),
        Step("drain what has no owner", f"drain {NODE}"),
        Step(
            "drain against the budget",
            f"drain {NODE} --force --timeout=2s --pod-selector=turn=a",
            relation="any order",
        ),
        Step("be heard of again", BEAT.format(second=2)),
        Step("drain, trying", f"drain {NODE} --force --dry-run=client"),
        Step("lower the budget", 'patch pdb on-it -p \'{"spec":{"minAvailable":0}}\''),
        Step(
            "drain",
            f"drain {NODE} --force --grace-period=0 --timeout=20s",
            after=(Until(ALLOWED, "2/2"),),
            relation="any order",
        ),
        Step("nothing is left", "get pods"),
        Step("be heard of once more", BEAT.format(second=3)),
        Step("uncordon", f"uncordon {NODE}"),
        Step("uncordon again", f"uncordon {NODE}"),
        Step("taint", f"taint node {NODE} a=b:NoSchedule"),
        Step("untaint", f"taint node {NODE} a-"),
        Step("delete", f"delete node {NODE}"),
        Step("cordon what is not there", f"cordon {NODE}"),
        Step("drain what is not there", f"drain {NODE}"),
    ),
    cleanup=(f"delete node {NODE} --ignore-not-found",),
)
