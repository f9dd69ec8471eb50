"""The JSON schema names what a profile may hold, for editors."""

import json

from chaos.profile import schema


def test_the_schema_is_json_and_names_the_keys_of_the_file() -> None:
    found = schema()

    assert json.loads(json.dumps(found)) == found
    assert list(found["properties"]) == ["name", "target", "phases", "checks"]
    assert found["required"] == ["name", "target", "phases"]
    assert "termination-delay" in found["$defs"]["Target"]["properties"]
    assert list(found["$defs"]["Phase"]["properties"]) == ["name", "do", "for", "tasks", "until", "expect"]


def test_a_task_is_an_operation_with_every_beside_it() -> None:
    task = schema()["$defs"]["Task"]

    scale = next(shape for shape in task["oneOf"] if "scale" in shape["properties"])
    assert list(scale["properties"]) == ["scale", "every"]
    assert scale["required"] == ["scale", "every"]
    assert scale["additionalProperties"] is False


def test_a_step_that_needs_no_more_may_be_a_plain_word() -> None:
    words, _ = schema()["$defs"]["Phase"]["properties"]["do"]["items"]["anyOf"]

    assert words == {
        "enum": [
            "create-service",
            "delete-service",
            "create-set",
            "delete-set",
            "delete-budget",
            "cordon",
            "uncordon",
            "drain",
            "taint",
            "untaint",
            "write-pages",
            "probe-dns",
            "probe-http",
        ]
    }


def test_a_mix_is_a_list_of_operations_with_a_weight_beside_each() -> None:
    weighted = schema()["$defs"]["Weighted"]

    scale = next(shape for shape in weighted["oneOf"] if "scale" in shape["properties"])
    assert list(scale["properties"]) == ["scale", "weight"]
    assert scale["required"] == ["scale"]
    assert [shape for shape in weighted["oneOf"] if "mix" in shape["properties"]] == []
