"""A set that is scaled, patched, rolled out and rolled back."""

from tests.real.kubectl.steps import Chapter, Step, absent, scaled, settled

FIRST_PARTITION = '[{"op":"replace","path":"/spec/updateStrategy/rollingUpdate/partition","value":1}]'
SHAPE = '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"SHAPE","value":"round"}]}]}}}}'

CHAPTER = Chapter(
    "rollouts",
    (
        Step("apply", "apply -f web.yaml"),
        Step("rollout status", "rollout status statefulset web", after=(scaled("web", 2), settled("web"))),
        Step("scale with a precondition that fails", "scale statefulset web --current-replicas=7 --replicas=1"),
        Step("scale with a precondition", "scale statefulset web --current-replicas=2 --replicas=3"),
        Step("scale", "scale statefulset web --replicas=2", after=(scaled("web", 3),)),
        Step(
            "scale in no direction",
            "scale statefulset web --replicas=-1",
            after=(scaled("web", 2), absent("pod", "web-2")),
        ),
        Step("scale what is not there", "scale statefulset nope --replicas=1"),
        Step(
            "patch, json",
            f"patch sts web --type=json -p '{FIRST_PARTITION}'",
        ),
        Step(
            "patch, json that fails its test",
            'patch sts web --type=json -p \'[{"op":"test","path":"/spec/replicas","value":9}]\'',
        ),
        Step("patch, merge", 'patch sts web --type=merge -p \'{"metadata":{"labels":{"tier":null,"kind":"merged"}}}\''),
        Step(
            "patch, strategic",
            f"patch sts web -p '{SHAPE}'",
        ),
        Step("rollout status below the partition", "rollout status statefulset web", after=(settled("web"),)),
        Step("get pods of two revisions", "get pods -L app", after=(scaled("web", 2),)),
        Step("patch nothing", 'patch sts web -p \'{"spec":{"replicas":2}}\''),
        Step("patch with what is no JSON", "patch sts web -p '{\"spec\"'"),
        Step("patch what may not change", 'patch sts web -p \'{"spec":{"serviceName":"other"}}\''),
        Step("patch to the end", 'patch sts web -p \'{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}\''),
        Step("set image", "set image statefulset/web nginx=nginx:1.16.0", after=(settled("web"), scaled("web", 2))),
        Step("set image of nothing", "set image statefulset/web nope=nginx:1.16.0"),
        Step("rollout status of an update", "rollout status sts/web", after=(settled("web"), scaled("web", 2))),
        Step("rollout history", "rollout history statefulset web"),
        Step("rollout history of a revision", "rollout history statefulset web --revision=2"),
        Step("rollout history of no revision", "rollout history statefulset web --revision=9"),
        Step("set env", "set env statefulset/web COLOUR=red SHAPE-"),
        Step("set env --list", "set env statefulset/web --list"),
        Step(
            "set resources",
            "set resources sts web -c=nginx --limits=memory=64Mi --dry-run=server",
            after=(settled("web"),),
        ),
        Step("rollout undo", "rollout undo statefulset web", after=(settled("web"), scaled("web", 2))),
        Step(
            "rollout undo to a revision",
            "rollout undo statefulset web --to-revision=1",
            after=(settled("web"), scaled("web", 2)),
        ),
        Step("rollout undo to no revision", "rollout undo statefulset web --to-revision=9"),
        Step("rollout undo of what is not there", "rollout undo statefulset nope"),
        Step("rollout restart", "rollout restart statefulset web", after=(settled("web"), scaled("web", 2))),
        Step("rollout history at the end", "rollout history statefulset web", after=(settled("web"), scaled("web", 2))),
        Step("rollout pause", "rollout pause statefulset web"),
        Step("delete a pod and wait", "delete pod web-1", after=(scaled("web", 2),)),
        Step("get pods after that", "get pods", after=(scaled("web", 2),)),
    ),
)
