"""Sets that are deleted in every way, and what becomes of their pods."""

from tests.real.kubectl.steps import Chapter, Step, absent, scaled

OWNER = "get pod a-0 -o jsonpath={.metadata.ownerReferences}{.metadata.labels.app}"

CHAPTER = Chapter(
    "deletes",
    (
        Step("apply", "apply -f three.yaml"),
        Step("get", "get sts", after=(scaled("a", 1), scaled("b", 1), scaled("c", 1))),
        Step("delete, orphaning", "delete statefulset a --cascade=orphan"),
        Step("an orphan", OWNER, after=(absent("sts", "a"),)),
        Step("get orphans", "get pods -l app=a"),
        Step("delete in the foreground", "delete statefulset b --cascade=foreground"),
        Step("nothing is left", "get pods -l app=b"),
        Step("delete in the background", "delete statefulset c --cascade=background --wait=false"),
        Step("wait for its pod to go", "wait --for=delete pod/c-0 --timeout=20s"),
        Step("nothing is left either", "get pods,controllerrevisions -l app=c", after=(absent("pod", "c-0"),)),
        Step("delete again", "delete statefulset c"),
        Step("delete, trying", "delete pod a-0 --dry-run=server"),
        Step("delete with a bad cascade", "delete pod a-0 --cascade=sideways"),
        Step("delete now", "delete pod a-0 --now"),
        Step("delete many", "delete pods,sts,svc --all"),
        Step("create a finalizer", "create configmap held"),
        Step("hold it", 'patch cm held --type=merge -p \'{"metadata":{"finalizers":["example.com/held"]}}\''),
        Step("delete what is held", "delete cm held --wait=false"),
        Step("wait for what is held", "delete cm held --timeout=1s"),
        Step("let it go", 'patch cm held --type=merge -p \'{"metadata":{"finalizers":null}}\''),
        Step("it is gone", "get cm held"),
        Step("delete a namespace that is not there", "delete namespace chaos-sts-kubectl-nope"),
    ),
)
