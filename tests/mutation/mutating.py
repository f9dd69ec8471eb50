"""Mutants of a module: one small change each, within one function.

What messages say, annotations, defaults and docstrings are left alone.
"""

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPPOSITE = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """A change of the function `name` at `line`: `before` is the code there, `after` what it becomes.

    `number` tells apart mutants that read the same; `at` is where the changed node is, counted in the order of a walk; `whole`
    is the function as it was.
    """

    name: str
    line: int
    before: str
    after: str
    number: int
    at: int
    variant: int
    whole: str

    @property
    def key(self) -> str:
        """The mutant's name, which stays while the function does."""
        return f"{self.name}: {self.before} -> {self.after} #{self.number}"


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module."""
    found: list[Mutant] = []
    seen: dict[str, int] = {}
    for name, function in functions(ast.parse(source)):
        whole = ast.unparse(function)
        for at, node in enumerate(_nodes(function)):
            for variant, changed in enumerate(variants(node)):
                before, after = _plain(node), _plain(changed)
                text = f"{name}: {before} -> {after}"
                seen[text] = seen.get(text, 0) + 1
                found.append(Mutant(name, _line(node), before, after, seen[text], at, variant, whole))
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The module with one function changed."""
    tree = ast.parse(source)
    function = dict(functions(tree))[mutant.name]
    node = list(_nodes(function))[mutant.at]
    changed = variants(node)[mutant.variant]
    _Replacing(node, changed).visit(function)
    return ast.fix_missing_locations(tree)


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of the module and methods of its classes, by qualified name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def variants(node: ast.AST) -> list[ast.AST]:
    """What a node may be changed into."""
    match node:
        case ast.Compare(ops=ops):
            return [_with(node, ops=[*ops[:at], SWAPPED[type(op)](), *ops[at + 1 :]]) for at, op in enumerate(ops)]
        case ast.BoolOp(op=ast.And()):
            return [_with(node, op=ast.Or())]
        case ast.BoolOp():
            return [_with(node, op=ast.And())]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return [operand]
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [] if _is_swapped(test) else [_with(node, test=ast.UnaryOp(ast.Not(), test))]
        case ast.comprehension(ifs=[test]):
            return [] if _is_swapped(test) else [_with(node, ifs=[ast.UnaryOp(ast.Not(), test)])]
        case ast.Constant(value=bool(value)):
            return [ast.Constant(not value)]
        case ast.Constant(value=int(value) | float(value)):
            return [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.BinOp(op=ast.Add()):
            return [_with(node, op=ast.Sub())]
        case ast.BinOp(op=ast.Sub()):
            return [_with(node, op=ast.Add())]
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            return [_with(node, func=ast.Name(NAMES[name], ast.Load()))]
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Delete() | ast.Continue() | ast.Break() | ast.Raise():
            return [ast.Pass()]
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return [ast.Pass()]
        case ast.Return(value=None):
            return [ast.Pass()]
        case ast.Return(value=ast.Constant(value="")):
            return [ast.Return(ast.Constant("mutant"))]
        case ast.Return(value=ast.Constant() | ast.List(elts=[]) | ast.Tuple(elts=[])):
            return []
        case ast.Return():
            return [ast.Return(ast.Constant(None))]
    return []


def _line(node: ast.AST) -> int:
    # A comprehension's conditions have a place, it has none itself.
    line: int = node.ifs[0].lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)
    return line


def _is_swapped(test: ast.expr) -> bool:
    """Whether negating a condition is what another mutant does already."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return True
    return isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], OPPOSITE)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """What may be changed within a node, in the order of the text."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "args") and not isinstance(node, ast.Call):
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST) and not isinstance(inner, ast.JoinedStr):
                yield inner
                yield from _nodes(inner)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _plain(node: ast.AST) -> str:
    """A node as code; of a statement with a body, its first line."""
    if isinstance(node, ast.comprehension):
        return " ".join(f"if {ast.unparse(test)}" for test in node.ifs)
    return ast.unparse(node).split("\n")[0]


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)
