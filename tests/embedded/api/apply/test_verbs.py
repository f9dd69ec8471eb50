"""Server-side apply through the verbs: what is owned, what conflicts and in which words, what is tracked at all."""

from typing import Any

import pytest

from chaos.embedded.api import ApiServer
from chaos.embedded.interface import ApiError, Json
from tests.embedded.server import NS, USER, Now, server, statefulset

KINDED = {"apiVersion": "apps/v1", "kind": "StatefulSet"}


def config(**spec: Any) -> Json:
    """A configuration of the set web."""
    return {**KINDED, "metadata": {"name": "web"}, "spec": spec}


def full(**spec: Any) -> Json:
    """A whole set as somebody applies it."""
    return {**KINDED, **statefulset(**spec)}


def put_on(api: ApiServer, body: Json, manager: str = "one", *, force: bool = False, subresource: str = "") -> Json:
    """Apply to the set web."""
    return api.patch(
        "statefulsets", NS, "web", body, "apply", user=USER, manager=manager, force=force, subresource=subresource
    )


def refused(api: ApiServer, body: Json, manager: str = "one") -> ApiError:
    """The error of an apply."""
    with pytest.raises(ApiError) as caught:
        put_on(api, body, manager)
    return caught.value


def owners(item: Json) -> dict[tuple[str, str, str], Json]:
    """(manager, operation, subresource) -> fields."""
    return {
        (each["manager"], each["operation"], each.get("subresource", "")): each["fieldsV1"]
        for each in item["metadata"].get("managedFields", ())
    }


def test_an_apply_creates_what_there_is_not_and_owns_what_it_names() -> None:
    made = put_on(server(), {**config(replicas=2), **{"spec": full(replicas=2)["spec"]}})

    assert made["spec"]["podManagementPolicy"] == "OrderedReady"
    labels: Json = {"f:app": {}}
    container: Json = {'k:{"name":"c"}': {".": {}, "f:image": {}, "f:name": {}}}
    template = {"f:metadata": {"f:labels": labels}, "f:spec": {"f:containers": container}}
    spec = {"f:replicas": {}, "f:selector": {}, "f:serviceName": {}, "f:template": template}
    assert owners(made) == {("one", "Apply", ""): {"f:spec": spec}}


def test_what_is_no_longer_applied_is_removed_and_gets_its_default() -> None:
    api = server()
    put_on(api, full(replicas=3, minReadySeconds=5))
    done = put_on(api, full())

    assert done["spec"]["replicas"] == 1
    assert "minReadySeconds" not in done["spec"]


def test_a_conflict_names_every_field_and_its_owner() -> None:
    api = server()
    put_on(api, full(replicas=3))
    error = refused(api, config(replicas=2), "two")

    assert (error.status, error.reason) == (409, "Conflict")
    assert error.message == 'Apply failed with 1 conflict: conflict with "one": .spec.replicas'
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".spec.replicas"}
    assert error.details == {"causes": [cause]}


def test_conflicts_of_several_owners_are_grouped() -> None:
    api = server(tracked="from creation")
    api.create("statefulsets", NS, statefulset(), user=USER, manager="maker")
    api.update("statefulsets", NS, "web", {"spec": {"replicas": 4}}, user=USER, manager="scaler", subresource="scale")
    error = refused(api, full(replicas=2, template={"spec": {"containers": [{"name": "c", "image": "other"}]}}), "two")

    assert error.message.splitlines() == [
        'Apply failed with 2 conflicts: conflicts with "maker" using apps/v1:',
        '- .spec.template.spec.containers[name="c"].image',
        'conflicts with "scaler" with subresource "scale" using apps/v1:',
        "- .spec.replicas",
    ]


def test_force_takes_fields_from_others() -> None:
    api = server()
    put_on(api, full(replicas=3))
    done = put_on(api, config(replicas=2), "two", force=True)

    assert done["spec"]["replicas"] == 2
    assert owners(done)["two", "Apply", ""] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in owners(done)["one", "Apply", ""]["f:spec"]


def test_the_same_value_is_shared() -> None:
    api = server()
    put_on(api, full(replicas=3))
    put_on(api, config(replicas=3), "two")
    done = put_on(api, full())

    assert done["spec"]["replicas"] == 3
    assert owners(done)["two", "Apply", ""] == {"f:spec": {"f:replicas": {}}}


def test_applying_the_same_again_writes_nothing() -> None:
    now = Now()
    api = server(now)
    made = put_on(api, full())
    now.wait(60)

    assert put_on(api, full())["metadata"] == made["metadata"]


def test_an_update_takes_what_it_changes() -> None:
    api = server()
    made = put_on(api, full(replicas=1))
    body = {**made, "spec": {**made["spec"], "replicas": 5}}
    done = api.update("statefulsets", NS, "web", body, user=USER, manager="editor")

    assert owners(done)["editor", "Update", ""] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in owners(done)["one", "Apply", ""]["f:spec"]


def test_an_update_of_an_object_that_was_never_applied_is_not_tracked() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER, manager="maker")
    done = api.patch("statefulsets", NS, "web", {"spec": {"replicas": 2}}, "merge", user=USER, manager="editor")

    assert "managedFields" not in done["metadata"]


def test_the_first_apply_finds_everything_owned_by_whoever_came_before() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(replicas=2), user=USER)
    done = put_on(api, config(replicas=2))

    assert owners(done)["before-first-apply", "Update", ""]["f:spec"]["f:replicas"] == {}
    assert owners(done)["one", "Apply", ""] == {"f:spec": {"f:replicas": {}}}


def test_tracked_from_creation_the_creator_owns_the_defaults_but_not_what_admission_adds() -> None:
    api = server(tracked="from creation")
    made = api.create(
        "pods", NS, {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}, user=USER
    )

    spec = owners(made)["test", "Update", ""]["f:spec"]
    assert {"f:restartPolicy", "f:dnsPolicy"} < set(spec)
    assert not {"f:tolerations", "f:serviceAccountName", "f:priority"} & set(spec)


def test_a_status_is_owned_through_its_subresource() -> None:
    api = server(tracked="from creation")
    made = api.create("statefulsets", NS, statefulset(), user=USER, manager="maker")
    done = api.update(
        "statefulsets",
        NS,
        "web",
        {**made, "status": {"replicas": 1}},
        user="system:serviceaccount:kube-system:statefulset-controller",
        subresource="status",
    )

    name = ("kube-controller-manager", "Update", "status")
    assert owners(done)[name] == {"f:status": {"f:replicas": {}}}
    assert "f:status" not in owners(done)["maker", "Update", ""]


def test_a_scale_can_be_applied() -> None:
    api = server()
    put_on(api, full(replicas=1))
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": 1}}
    put_on(api, scale, "scaler", subresource="scale")

    item = api.get("statefulsets", NS, "web")
    assert owners(item)["scaler", "Apply", "scale"] == {"f:spec": {"f:replicas": {}}}


@pytest.mark.parametrize("given", [[], [{}]])
def test_managed_fields_can_be_reset(given: Json) -> None:
    api = server()
    put_on(api, full())
    done = api.patch("statefulsets", NS, "web", {"metadata": {"managedFields": given}}, "merge", user=USER)

    assert "managedFields" not in done["metadata"]


def test_managed_fields_can_be_written() -> None:
    api = server()
    entry = put_on(api, full())["metadata"]["managedFields"][0]
    renamed = {"metadata": {"managedFields": [{**entry, "manager": "other"}]}}
    done = api.patch("statefulsets", NS, "web", renamed, "merge", user=USER)

    assert set(owners(done)) == {("other", "Apply", "")}


def test_malformed_managed_fields_are_disregarded() -> None:
    api = server()
    made = put_on(api, full())
    wrong = {"metadata": {"managedFields": [{"manager": "other", "operation": "Guess"}]}}

    assert api.patch("statefulsets", NS, "web", wrong, "merge", user=USER) == made


def test_kubectl_may_take_over_what_it_applied_at_its_own_side() -> None:
    api = server(tracked="from creation")
    name = "kubectl.kubernetes.io/last-applied-configuration"
    last = '{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"web"},"spec":{"replicas":2}}'
    body = statefulset(replicas=2)
    body["metadata"]["annotations"] = {name: last}
    api.create("statefulsets", NS, body, user=USER, manager="kubectl-client-side-apply")
    done = put_on(api, config(replicas=3), "kubectl")

    assert done["spec"]["replicas"] == 3
    assert '"replicas":3' in done["metadata"]["annotations"][name]
    assert refused(api, config(replicas=4), "another").status == 409


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}, 400, "invalid object type: v1, Kind=Pod"),
        ({**KINDED, "metadata": {"name": "other"}}, 400, "the name of the object (other) does not match"),
        ({**KINDED, "metadata": {"managedFields": []}}, 400, "metadata.managedFields must be nil"),
        (
            config(replica=1),
            500,
            "failed to create typed patch object (ns/web; apps/v1, Kind=StatefulSet): "
            ".spec.replica: field not declared in schema",
        ),
        (
            config(template={"spec": {"containers": [{"image": "x"}]}}),
            500,
            '.spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name"',
        ),
    ],
)
def test_a_configuration_that_is_wrong_is_refused(body: Json, status: int, message: str) -> None:
    error = refused(server(), body)

    assert error.status == status
    assert message in error.message


def test_a_rehearsal_answers_and_leaves_everything_as_it_is() -> None:
    api = server()
    made = put_on(api, full(replicas=1))
    version = api.list("statefulsets").rv
    tried = api.rehearsal().patch("statefulsets", NS, "web", {"spec": {"replicas": 9}}, "merge", user=USER)
    api.rehearsal().delete("statefulsets", NS, "web", user=USER)

    assert tried["spec"]["replicas"] == 9
    assert api.get("statefulsets", NS, "web") == made
    assert api.list("statefulsets").rv == version


def test_a_map_that_an_apply_empties_stays_with_its_other_owner() -> None:
    api = server()
    put_on(api, full(replicas=1))
    api.patch("statefulsets", NS, "web", {"metadata": {"labels": {"a": "1"}}}, "merge", user=USER, manager="editor")
    put_on(api, {**KINDED, "metadata": {"name": "web", "labels": {"a": "2"}}}, "two", force=True)
    done = put_on(api, {**KINDED, "metadata": {"name": "web", "labels": {}}}, "two")

    assert "labels" not in done["metadata"]
    assert owners(done)["editor", "Update", ""] == {"f:metadata": {"f:labels": {}}}
    assert owners(done)["two", "Apply", ""] == {"f:metadata": {"f:labels": {}}}
