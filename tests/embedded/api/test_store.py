"""The store against a plain model: versions in order, and watches that lose and repeat nothing."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chaos.embedded.api.store import Compacted, Store
from chaos.embedded.interface import EventType, Json

NAMES = st.sampled_from(["a", "b", "c"])


class Follower:
    """A watch that keeps a copy of what it is told, and begins again where it stopped."""

    def __init__(self, store: Store) -> None:
        self.items = {item["metadata"]["name"]: item for item in store.list("things")}
        self.rv = store.rv
        self.end = store.watch("things", self.hear, self.rv)

    def hear(self, kind: EventType, item: Json) -> None:
        version = int(item["metadata"]["resourceVersion"])
        assert version > self.rv
        self.rv = version
        name = item["metadata"]["name"]
        assert (kind == "ADDED") == (name not in self.items)
        if kind == "DELETED":
            del self.items[name]
        else:
            self.items[name] = item


class Model(RuleBasedStateMachine):
    """Puts and removes things, cuts and resumes watches, compacts."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store(("things",))
        self.model: dict[str, Any] = {}
        self.followers = [Follower(self.store)]
        self.cut: list[Follower] = []

    @rule(name=NAMES, value=st.integers())
    def put(self, name: str, value: int) -> None:
        before = self.store.rv
        stored = self.store.put("things", {"metadata": {"name": name}, "value": value})
        assert int(stored["metadata"]["resourceVersion"]) == self.store.rv == before + 1
        self.model[name] = stored

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        self.store.remove("things", self.model.pop(name))

    @rule()
    def follow(self) -> None:
        self.followers.append(Follower(self.store))

    @precondition(lambda self: self.followers)
    @rule()
    def cut_one(self) -> None:
        follower = self.followers.pop()
        follower.end()
        self.cut.append(follower)

    @precondition(lambda self: self.cut)
    @rule()
    def resume(self) -> None:
        follower = self.cut.pop()
        try:
            follower.end = self.store.watch("things", follower.hear, follower.rv)
        except Compacted:
            follower = Follower(self.store)
        self.followers.append(follower)

    @rule(back=st.integers(0, 5))
    def compact(self, back: int) -> None:
        self.store.compact(max(self.store.rv - back, 0))

    @invariant()
    def everything_agrees(self) -> None:
        assert {item["metadata"]["name"]: item for item in self.store.list("things")} == self.model
        assert all(follower.items == self.model for follower in self.followers)


TestModel = Model.TestCase


def test_the_log_forgets_the_oldest_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos.embedded.api.store.LOGGED", 3)
    store = Store(("things",))
    for number in range(5):
        store.put("things", {"metadata": {"name": str(number)}})

    with pytest.raises(Compacted):
        store.watch("things", lambda kind, item: None, 2)
    seen: list[str] = []
    store.watch("things", lambda kind, item: seen.append(item["metadata"]["name"]), 3)
    assert seen == ["2", "3", "4"]


def test_a_list_is_ordered_by_namespace_and_name() -> None:
    store = Store(("things",))
    for namespace, name in (("b", "x"), ("a", "y"), ("a", "x")):
        store.put("things", {"metadata": {"namespace": namespace, "name": name}})

    assert [(i["metadata"]["namespace"], i["metadata"]["name"]) for i in store.list("things")] == [
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
    ]
    assert len(store.list("things", "a")) == 2
