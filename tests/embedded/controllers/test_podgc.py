"""Which pods nobody will end."""

import pytest

from chaos.embedded.controllers.podgc import OUT_OF_SERVICE, is_abandoned
from chaos.embedded.interface import Json


def node(ready: str, *taints: str) -> Json:
    return {
        "spec": {"taints": [{"key": key} for key in taints]},
        "status": {"conditions": [{"type": "Ready", "status": ready}]},
    }


@pytest.mark.parametrize(
    ("name", "where", "is_ending", "expected"),
    [
        ("", None, True, True),
        ("", None, False, False),
        ("node-1", node("Unknown", OUT_OF_SERVICE), True, True),
        ("node-1", node("Unknown", OUT_OF_SERVICE), False, False),
        ("node-1", node("True", OUT_OF_SERVICE), True, False),
        ("node-1", node("Unknown"), True, False),
        ("node-1", None, True, False),
    ],
)
def test_a_pod_that_is_to_end_is_abandoned_without_a_node_or_on_one_that_is_out_of_service(
    name: str, where: Json | None, is_ending: bool, expected: bool
) -> None:
    meta = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if is_ending else {}

    assert is_abandoned({"metadata": meta, "spec": {"nodeName": name} if name else {}}, where) is expected
