"""A set with a service, a budget and claims: shown, described, watched and waited for in every way."""

from tests.real.kubectl.steps import Chapter, Step, scaled, settled

NAMES = (
    "-o custom-columns=NAME:.metadata.name,READY:.status.readyReplicas,IMAGE:.spec.template.spec.containers[*].image"
)

CHAPTER = Chapter(
    "sets",
    (
        Step("apply", "apply -f web.yaml"),
        Step("apply again", "apply -f web.yaml", after=(scaled("web", 2),)),
        Step("rollout status", "rollout status statefulset web"),
        Step("get all", "get all -o wide --show-kind", after=(settled("web"),)),
        Step("get a set", "get statefulset web -o wide"),
        Step("get a set with labels", "get sts --show-labels -L tier"),
        Step("get pods", "get pods -o wide --sort-by=.metadata.name"),
        Step("get pods by label", "get pods -l app=web,app!=other -o name"),
        Step("get pods by labels in a set", "get pods -l 'app in (web, other), !canary' --no-headers"),
        Step("get pods by field", "get pods --field-selector metadata.name=web-1,status.phase=Running"),
        Step("get pods sorted", "get pods --sort-by='{.metadata.labels.apps\\.kubernetes\\.io/pod-index}' -o name"),
        Step("get some that are not there", "get pods web-0 web-7"),
        Step("get kinds at once", "get sts/web svc/web pdb/web"),
        Step("get claims", "get pvc -o wide"),
        Step("get slices", "get endpointslices"),
        Step("get endpoints", "get endpoints"),
        Step("get revisions", "get controllerrevisions"),
        Step("get budgets", "get pdb"),
        Step("get the scale", "get statefulset web --subresource=scale"),
        Step("get the status", "get statefulset web --subresource=status -o name"),
        Step("get a set in YAML", "get statefulset web -o yaml"),
        Step("get a pod in YAML", "get pod web-0 -o yaml"),
        Step("get a claim in YAML", "get pvc www-web-0 -o yaml"),
        Step("get a service in YAML", "get service web -o yaml"),
        Step("get a budget in YAML", "get pdb web -o yaml"),
        Step(
            "get with jsonpath",
            'get sts web -o jsonpath=\'{.metadata.name}{"\\n"}{range .spec.template.spec.containers[*]}{.image}{"\\n"}{end}\'',
        ),
        Step("get with custom columns", f"get sts {NAMES}"),
        Step("get with a template", "get pods -o go-template='{{range .items}}{{.metadata.name}} {{end}}'"),
        Step(
            "get owners", "get pod web-0 -o custom-columns=OWNER:.metadata.ownerReferences[0].name,NODE:.spec.nodeName"
        ),
        Step("describe a set", "describe statefulset web"),
        Step("describe a pod", "describe pod web-0"),
        Step("describe a service", "describe service web"),
        Step("describe a claim", "describe pvc www-web-0"),
        Step("describe a budget", "describe pdb web"),
        Step("describe a revision", "describe controllerrevision -l app=web"),
        Step("describe nothing", "describe pod web-9"),
        Step("events of a set", "events --for statefulset/web --types=Normal"),
        Step(
            "get events",
            "get events --field-selector involvedObject.kind=StatefulSet,reason=SuccessfulCreate --sort-by=.message -o wide",
        ),
        Step(
            "watch",
            "get pod web-0 --watch --show-labels --output-watch-events",
            lines=4,
            meanwhile=("label pod web-0 colour=red", "label pod web-0 colour-"),
        ),
        Step("watch from now on", "get sts web -w -o name", lines=2, meanwhile=("annotate sts web watched=yes",)),
        Step("wait for a condition", "wait --for=condition=Ready pod/web-0 pod/web-1 --timeout=20s"),
        Step("wait by jsonpath", "wait --for=jsonpath='{.status.readyReplicas}'=2 statefulset/web --timeout=20s"),
        Step("wait in vain", "wait --for=jsonpath='{.status.readyReplicas}'=7 statefulset/web --timeout=1s"),
    ),
)
