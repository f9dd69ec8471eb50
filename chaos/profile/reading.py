"""Profile files into frozen profiles: every mistake of a file at once, each with its line."""

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from yaml.nodes import Node

from chaos.profile import shipped
from chaos.profile.document import Mistake, ProfileError, compose, values
from chaos.profile.mistakes import describe
from chaos.profile.model import Origin, Profile
from chaos.profile.overrides import apply
from chaos.profile.values import References, closest


def load(path_or_name: str, overrides: Mapping[str, str], guarantees: Collection[str]) -> Profile:
    """The profile of a file, or a shipped one by its name.

    Args:
        path_or_name: a path if it holds a slash or ends in .yaml or .yml, else the name of a shipped profile.
        overrides: values set from outside, by path: see `chaos.profile.overrides`.
        guarantees: the names that `checks` may use.

    Raises:
        ProfileError: there is no such profile, or it is wrong.
    """
    if "/" not in path_or_name and not path_or_name.endswith((".yaml", ".yml")):
        text = shipped.text_of(path_or_name)
        if text is None:
            raise ProfileError((_no_such(path_or_name),))
        return parse(text, f"{path_or_name}.yaml", overrides, guarantees)
    try:
        text = Path(path_or_name).read_text(encoding="utf-8")
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        raise ProfileError(
            (f"{path_or_name}:{line}: not YAML: byte {e.object[e.start]:#04x} is not UTF-8; expected text",)
        ) from e
    except OSError as e:
        raise ProfileError((f"{path_or_name}: cannot be read: {e.strerror}; expected a profile in YAML",)) from e
    return parse(text, path_or_name, overrides, guarantees)


def parse(text: str, file: str, overrides: Mapping[str, str], guarantees: Collection[str]) -> Profile:
    """The profile that `text` describes; `file` is its name in errors. Otherwise as `load`."""
    root, misled = apply(compose(text, file), overrides)
    value, mistakes = values(root)
    profile, found = _validate(value, root, guarantees)
    broken = {mistake.path for mistake in mistakes}
    mistakes += (mistake for mistake in found if mistake.path not in broken)
    if profile is None or mistakes or misled:
        raise ProfileError((*_lines(mistakes, file), *misled))
    profile._origin = Origin(file, text, tuple(overrides.items()))
    return profile


def _validate(value: Any, root: Node, guarantees: Collection[str]) -> tuple[Profile | None, list[Mistake]]:
    try:
        return Profile.model_validate(value, context=_references(value, guarantees)), []
    except ValidationError as e:
        return None, list(describe(root, e.errors(include_url=False)))


def _lines(mistakes: list[Mistake], file: str) -> tuple[str, ...]:
    ordered = sorted(mistakes, key=lambda m: (m.place.name != file, m.place.line))
    return tuple(dict.fromkeys(map(str, ordered)))


def _references(value: Any, guarantees: Collection[str]) -> References:
    # What a value may refer to is read before anything is validated, so that one mistake does not hide another.
    target = value.get("target") if isinstance(value, dict) else None
    images = target.get("images") if isinstance(target, dict) else None
    phases = value.get("phases") if isinstance(value, dict) else None
    named = [phase.get("name") for phase in phases if isinstance(phase, dict)] if isinstance(phases, list) else []
    readable = isinstance(images, list) and all(isinstance(image, str) for image in images)
    return References(
        images=tuple(images) if readable and images else None,
        guarantees=guarantees,
        phases=Counter(name for name in named if isinstance(name, str)),
        readiness=str(target.get("readiness", "none")) if isinstance(target, dict) else "none",
    )


def _no_such(name: str) -> str:
    known = list(shipped.names())
    return (
        f"{name}: no such profile; {closest(name, known)}expected {', '.join(known)}, or a path such as ./{name}.yaml"
    )
