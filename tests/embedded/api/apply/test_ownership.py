"""What holds of every sequence of applies: drawn configurations of a StatefulSet's labels, replicas and environment."""

from hypothesis import given
from hypothesis import strategies as st

from chaos.embedded.api.apply.entries import Owned, Owner, Owners, capped, decoded, encoded
from chaos.embedded.api.apply.fields import compare, fields_of
from chaos.embedded.api.apply.ownership import after_apply, after_update
from chaos.embedded.api.apply.paths import NOWHERE, fields_v1, from_fields_v1
from chaos.embedded.api.apply.shapes import of_type
from chaos.embedded.interface import Json

SHAPE = of_type("apps.v1.StatefulSet")
NAMES = st.sampled_from(["a", "b", "c", "d"])
NOW = "2026-01-01T00:00:00Z"


def configured(labels: dict[str, str], replicas: int | None, env: dict[str, str]) -> Json:
    """A configuration with these labels, replicas and environment, without what is empty."""
    spec: Json = {} if replicas is None else {"replicas": replicas}
    if env:
        variables = [{"name": name, "value": value} for name, value in env.items()]
        spec["template"] = {"spec": {"containers": [{"name": "c", "env": variables}]}}
    meta = {"name": "web", **({"labels": labels} if labels else {})}
    return {"metadata": meta, **({"spec": spec} if spec else {})}


VALUES = st.dictionaries(NAMES, st.sampled_from(["1", "2"]), max_size=3)
CONFIGS = st.builds(configured, VALUES, st.none() | st.integers(0, 3), VALUES)


def applied(item: Json, owners: Owners, config: Json, manager: str) -> tuple[Json, Owners]:
    """The object and its owners after a forced apply."""
    done = after_apply(SHAPE, item, config, owners, Owner(manager, "Apply"), (), True, NOW)
    return done.item, done.owners


def upper(config: Json) -> Json:
    """The same configuration of other labels and variables, and without replicas."""
    meta = {**config["metadata"]}
    if "labels" in meta:
        meta["labels"] = {name.upper(): value for name, value in meta["labels"].items()}
    done = {**config, "metadata": meta}
    spec = {key: value for key, value in config.get("spec", {}).items() if key != "replicas"}
    if "template" in spec:
        variables = spec["template"]["spec"]["containers"][0]["env"]
        container = {"name": "c", "env": [{**each, "name": each["name"].upper()} for each in variables]}
        spec["template"] = {"spec": {"containers": [container]}}
    done.pop("spec", None)
    return {**done, **({"spec": spec} if spec else {})}


@given(CONFIGS, CONFIGS)
def test_applying_the_same_again_changes_nothing(first: Json, second: Json) -> None:
    item, owners = applied(*applied({}, {}, first, "one"), second, "two")

    assert applied(item, owners, second, "two") == (item, owners)


@given(CONFIGS, CONFIGS)
def test_what_is_applied_is_there_and_is_owned(first: Json, second: Json) -> None:
    item, owners = applied(*applied({}, {}, first, "one"), second, "two")

    changed = compare(SHAPE, item, second)
    assert not changed.added
    assert not changed.modified
    mine = owners[Owner("two", "Apply")].fields if Owner("two", "Apply") in owners else NOWHERE
    assert mine <= fields_of(SHAPE, second)


@given(CONFIGS, CONFIGS)
def test_disjoint_configurations_commute(first: Json, second: Json) -> None:
    other = upper(second)
    one = applied(*applied({}, {}, first, "one"), other, "two")
    two = applied(*applied({}, {}, other, "two"), first, "one")

    assert fields_of(SHAPE, one[0]) == fields_of(SHAPE, two[0])
    changed = compare(SHAPE, one[0], two[0])
    assert (changed.added, changed.modified, changed.removed) == (NOWHERE, NOWHERE, NOWHERE)
    assert one[1] == two[1]


@given(CONFIGS, CONFIGS, st.booleans())
def test_a_field_no_longer_applied_goes_if_and_only_if_nobody_else_owns_it(
    first: Json, second: Json, other_updates: bool
) -> None:
    item, owners = applied({}, {}, first, "one")
    if other_updates:
        by = Owner("two", "Update")
        changed = after_apply(SHAPE, item, second, owners, Owner("two", "Apply"), (), True, NOW).item
        item, owners = changed, after_update(SHAPE, item, changed, owners, by, (), NOW)
    else:
        item, owners = applied(item, owners, second, "two")
    before = owners
    item, owners = applied(item, owners, {"metadata": {"name": "web"}}, "one")

    left = fields_of(SHAPE, item)
    others: set[tuple[str, ...]] = set()
    for owner, owned in before.items():
        if owner.manager != "one":
            others |= owned.fields
    mine = before[Owner("one", "Apply")].fields if Owner("one", "Apply") in before else NOWHERE
    leaves = {path for path in mine if not any(each[: len(path)] == path and each != path for each in others)}
    assert leaves & left == leaves & others
    assert Owner("one", "Apply") not in owners


@given(CONFIGS)
def test_managed_fields_are_read_as_they_were_written(config: Json) -> None:
    fields = fields_of(SHAPE, config)
    owners = {Owner("one", "Apply"): Owned(fields, NOW), Owner("two", "Update", "scale"): Owned(fields, "")}

    assert from_fields_v1(fields_v1(fields)) == fields
    assert decoded(encoded(owners, "apps/v1"), "apps/v1") == owners
    assert decoded(encoded(owners, "apps/v1"), "apps/v1beta1") == {}


def test_the_oldest_of_many_updaters_become_one() -> None:
    owners = {
        Owner(f"m{number:02}", "Update"): Owned(
            frozenset([("f:data", f"f:{number}")]), f"2026-01-01T00:00:{number:02}Z"
        )
        for number in range(12)
    }
    kept = capped(owners)

    ancient = kept[Owner("ancient-changes", "Update")]
    assert len(kept) == 10
    assert ancient == Owned(frozenset(("f:data", f"f:{number}") for number in range(3)), "2026-01-01T00:00:02Z")
