"""Puts a mutant into the running process: every reference to a function sees its new code."""

import ast
import importlib
from collections.abc import Iterator
from types import CodeType, FunctionType

from tests.mutation.mutating import Mutant, mutated


def plant(module: str, source: str, mutant: Mutant) -> None:
    """Change the code of a function of an imported module.

    Raises:
        LookupError: there is no such function in the process.
    """
    function = _function(module, mutant.name)
    tree: ast.Module = mutated(source, mutant)
    whole = compile(tree, function.__code__.co_filename, "exec")
    function.__code__ = next(code for code in _codes(whole) if code.co_qualname == mutant.name)


def _function(module: str, name: str) -> FunctionType:
    held: object = importlib.import_module(module)
    for part in name.split("."):
        held = vars(held)[part]
    # Caches that were filled by the right code would hide the mutant.
    clear = getattr(held, "cache_clear", None)
    if clear is not None:
        clear()
    for wrapper in ("fget", "__func__", "__wrapped__"):
        held = getattr(held, wrapper, held)
    if not isinstance(held, FunctionType):
        raise LookupError(f"{module}.{name} is no function")
    return held


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)
