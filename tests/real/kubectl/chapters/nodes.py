"""A node without a machine: cordoned, drained against a budget, uncordoned.

Nothing runs on it, so the real cluster's own node and what others run there are left alone.
"""

from tests.real.kubectl.steps import Chapter, Step, Until

NAME = "chaos-sts-kubectl"
RUNNING = (
    "patch pod on-it-{pod} --subresource=status --type=merge -p "
    '\'{{"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True"}}]}}}}\''
)
ALLOWED = "get pdb on-it -o jsonpath={.status.currentHealthy}/{.status.disruptionsAllowed}"

STATUS = f"patch node {NAME} --subresource=status --type=merge --patch-file=node-status.yaml"

CHAPTER = Chapter(
    "nodes",
    (
        Step("create", "create -f node.yaml"),
        Step("tell its status", STATUS),
        Step("cordon", f"cordon {NAME}"),
        Step("cordon again", f"cordon {NAME}"),
        Step("get", f"get node {NAME} -o wide"),
        Step("get by label", "get nodes -l node-role.kubernetes.io/spare -o name"),
        Step("get by field", "get nodes --field-selector spec.unschedulable=true -o name"),
        Step("describe", f"describe node {NAME}"),
        Step("put pods on it", "create -f on-it.yaml"),
        Step("let one run", RUNNING.format(pod="a")),
        Step("let the other run", RUNNING.format(pod="b")),
        Step("get pods", "get pods -o wide"),
        Step("get the budget", "get pdb on-it", after=(Until(ALLOWED, "2/0"),)),
        Step("drain what has no owner", f"drain {NAME}"),
        Step(
            "drain against the budget",
            f"drain {NAME} --force --timeout=2s --pod-selector=turn=a",
            relation="any order",
        ),
        Step("drain, trying", f"drain {NAME} --force --dry-run=client"),
        Step("lower the budget", 'patch pdb on-it -p \'{"spec":{"minAvailable":0}}\''),
        Step(
            "drain",
            f"drain {NAME} --force --grace-period=0 --timeout=20s",
            after=(Until(ALLOWED, "2/2"),),
            relation="any order",
        ),
        Step("nothing is left", "get pods"),
        Step("uncordon", f"uncordon {NAME}"),
        Step("uncordon again", f"uncordon {NAME}"),
        Step("taint", f"taint node {NAME} a=b:NoSchedule"),
        Step("untaint", f"taint node {NAME} a-"),
        Step("delete", f"delete node {NAME}"),
        Step("cordon what is not there", f"cordon {NAME}"),
        Step("drain what is not there", f"drain {NAME}"),
    ),
    cleanup=(f"delete node {NAME} --ignore-not-found",),
)
