"""What a pod and its claims look like, and what is repaired (S1, S5, S8, S15, S52, S53, S57, S59)."""

import anyio

from chaos.embedded.interface import Json
from tests.embedded.statefulset.world import NS, USER, World, claim_template, play, statefulset


def claims(world: World) -> list[Json]:
    return list(world.api.list("persistentvolumeclaims", NS).items)


def relabel(world: World, pod: str, **labels: str | None) -> None:
    world.api.patch("pods", NS, pod, {"metadata": {"labels": labels}}, "merge", user=USER)


def test_a_pod_bears_the_identity_of_its_ordinal() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2, ordinals={"start": 1}, volumeClaimTemplates=[claim_template()])
        await world.quiet()

    world = play(scenario)
    pod, owner = world.pod("web-2"), world.statefulset()["metadata"]

    assert pod["metadata"]["generateName"] == "web-"
    assert pod["metadata"]["labels"] == {
        "app": "nginx",
        "statefulset.kubernetes.io/pod-name": "web-2",
        "apps.kubernetes.io/pod-index": "2",
        "controller-revision-hash": world.status()["updateRevision"],
    }
    assert pod["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "name": "web",
            "uid": owner["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("web-2", "nginx")
    assert pod["spec"]["volumes"] == [{"name": "www", "persistentVolumeClaim": {"claimName": "www-web-2"}}]


def test_a_set_without_a_service_gives_its_pods_no_subdomain_and_no_volumes() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1, serviceName="")
        await world.quiet()

    spec = play(scenario).pod("web-0")["spec"]

    assert "subdomain" not in spec
    assert "volumes" not in spec


def test_the_claim_takes_the_place_of_a_volume_of_its_name() -> None:
    async def scenario(world: World) -> None:
        template = statefulset()["spec"]["template"]
        volumes = [{"name": "www", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]
        template = {**template, "spec": {**template["spec"], "volumes": volumes}}
        world.create(replicas=1, template=template, volumeClaimTemplates=[claim_template()])
        await world.quiet()

    assert play(scenario).pod("web-0")["spec"]["volumes"] == [
        {"name": "www", "persistentVolumeClaim": {"claimName": "www-web-0"}},
        {"name": "tmp", "emptyDir": {}},
    ]


def test_a_claim_is_made_before_its_pod_with_the_labels_of_template_and_selector() -> None:
    async def scenario(world: World) -> None:
        template = claim_template(labels={"extra": "1", "app": "other"}, annotations={"a": "b"})
        world.create(replicas=1, volumeClaimTemplates=[template])
        await world.quiet()

    world = play(scenario)
    (claim,) = claims(world)

    assert claim["metadata"]["name"] == "www-web-0"
    assert claim["metadata"]["labels"] == {"extra": "1", "app": "nginx"}
    assert claim["metadata"]["annotations"] == {"a": "b"}
    assert "ownerReferences" not in claim["metadata"]
    born = world.pod("web-0")["metadata"]["uid"]
    assert list_of_creations(world, born) == ["www-web-0", "web-0"]


def list_of_creations(world: World, pod_uid: str) -> list[str]:
    """The claim and the pod in the order in which they came, from the logs of both resources."""
    seen: list[tuple[int, str]] = []

    def hear(kind: str, item: Json) -> None:
        if kind == "ADDED":
            seen.append((int(item["metadata"]["resourceVersion"]), item["metadata"]["name"]))

    for resource in ("pods", "persistentvolumeclaims"):
        world.api.watch(resource, hear, since=0)()
    return [name for _, name in sorted(seen)]


def test_a_claim_outlives_its_pod_and_is_mounted_by_the_next() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2, volumeClaimTemplates=[claim_template()])
        await world.quiet()
        before = [claim["metadata"] for claim in claims(world)]
        world.change(replicas=0)
        await world.quiet()
        world.change(replicas=2)
        await world.quiet()
        assert [claim["metadata"] for claim in claims(world)] == before

    play(scenario)


def test_a_pod_waits_for_a_terminating_claim() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1, volumeClaimTemplates=[claim_template()])
        await world.quiet()
        world.api.delete("persistentvolumeclaims", NS, "www-web-0", user=USER)
        world.delete("web-0")
        await world.quiet(60)
        assert world.pods() == []
        assert (
            "FailedCreate",
            "Create Pod web-0 in StatefulSet web failed error: pvc www-web-0 is being deleted",
        ) in world.told()
        world.api.patch(
            "persistentvolumeclaims", NS, "www-web-0", {"metadata": {"finalizers": None}}, "merge", user=USER
        )
        # A change of a claim wakes nobody: the next retry may be minutes away, any change of the set brings it at once.
        world.api.patch("statefulsets", NS, "web", {"metadata": {"annotations": {"a": "b"}}}, "merge", user=USER)
        await world.quiet()

    assert play(scenario).pods() == ["web-0"]


def test_the_missing_claim_of_a_pending_pod_is_made_again() -> None:
    async def scenario(world: World) -> None:
        world.start_s = 60.0
        world.create(replicas=1, volumeClaimTemplates=[claim_template()])
        await anyio.sleep(1)
        no_finalizers = {"metadata": {"finalizers": None}}
        world.api.patch("persistentvolumeclaims", NS, "www-web-0", no_finalizers, "merge", user=USER)
        world.api.delete("persistentvolumeclaims", NS, "www-web-0", user=USER)
        await anyio.sleep(1)
        assert claims(world) == []
        # A change of a claim wakes nobody, one of the pod does.
        relabel(world, "web-0", nudge="1")
        await anyio.sleep(1)
        assert world.pod("web-0")["status"]["phase"] == "Pending"
        assert [claim["metadata"]["name"] for claim in claims(world)] == ["www-web-0"]

    play(scenario)


def test_a_wrong_name_label_is_repaired_and_a_wrong_index_label_is_not() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        relabel(world, "web-0", **{"apps.kubernetes.io/pod-index": "7"})
        await world.quiet()
        assert world.pod("web-0")["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "7"
        relabel(world, "web-0", **{"statefulset.kubernetes.io/pod-name": "x"})
        await world.quiet()
        labels = world.pod("web-0")["metadata"]["labels"]
        assert labels["statefulset.kubernetes.io/pod-name"] == "web-0"
        assert labels["apps.kubernetes.io/pod-index"] == "0"

    assert play(scenario).moves == ["+web-0", "*web-0"]


def test_a_pod_whose_volumes_cannot_be_put_right_blocks_its_set() -> None:
    """An orphan that was made without the claim: kubernetes/kubernetes#141876."""

    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        world.api.delete("statefulsets", NS, "web", user=USER)
        for pod in world.pods():
            orphan(world, pod)
        world.create(replicas=3, volumeClaimTemplates=[claim_template()])
        await world.quiet(60)
        assert world.pods() == ["web-0", "web-1"]

    reasons = {reason for reason, _ in play(scenario).told()}

    assert reasons == {"FailedUpdate"}


def orphan(world: World, pod: str) -> None:
    world.api.patch("pods", NS, pod, {"metadata": {"ownerReferences": None}}, "merge", user=USER)


def test_a_set_whose_name_is_too_long_gets_no_pods() -> None:
    name = "w" * 60

    async def scenario(world: World) -> None:
        world.create(name, replicas=1)
        await world.quiet(60)

    world = play(scenario)

    assert world.pods() == []
    assert {reason for reason, _ in world.told()} == {"FailedCreate"}
