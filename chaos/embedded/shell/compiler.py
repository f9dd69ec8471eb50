"""Makes a script's tree into functions that run it: what can be decided from its text is decided once.

The commands of a pipeline run one after another, each on everything that the one before it wrote: nothing here writes
without end into a pipe. That makes a pipeline of filters cheap, which is what scripts are made of.
"""

import fnmatch
import functools
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chaos.embedded.shell import expansion, syntax
from chaos.embedded.shell.filtering import remembered
from chaos.embedded.shell.outcome import Leaving, Outcome, Run
from chaos.embedded.shell.parser import parse
from chaos.embedded.shell.redirection import redirected
from chaos.embedded.shell.simple import simple
from chaos.embedded.shell.streams import Buffered, Collected, Input

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

Pending = Coroutine[Any, Any, int]


@functools.lru_cache(maxsize=256)
def compiled(text: str) -> Run:
    """What runs a script; the same text is looked at once.

    Raises:
        SyntaxFault: it is no script.
    """
    return _sequence(parse(text))


def _sequence(tree: syntax.Sequence) -> Run:
    """Commands one after another; the status of the last."""
    steps = [_background(step) if is_background else _step(step) for step, is_background in tree.items]
    if len(steps) == 1:
        return _single(steps[0])

    def run(shell: "Shell") -> Outcome:
        status: Outcome = 0
        for index, step in enumerate(steps):
            status = step(shell)
            if not isinstance(status, int) or shell.process.has_signal:
                return rest(shell, status, index + 1)
        return status

    async def rest(shell: "Shell", outcome: Outcome, index: int) -> int:
        status = outcome if isinstance(outcome, int) else await outcome
        if shell.process.has_signal:
            await shell.process.handle_signals(shell)
        for step in steps[index:]:
            outcome = step(shell)
            status = outcome if isinstance(outcome, int) else await outcome
            if shell.process.has_signal:
                await shell.process.handle_signals(shell)
        return status

    return run


def _single(step: Run) -> Run:
    def run(shell: "Shell") -> Outcome:
        status = step(shell)
        return status if isinstance(status, int) and not shell.process.has_signal else rest(shell, status)

    async def rest(shell: "Shell", outcome: Outcome) -> int:
        status = outcome if isinstance(outcome, int) else await outcome
        if shell.process.has_signal:
            await shell.process.handle_signals(shell)
        return status

    return run


def _background(tree: syntax.Step) -> Run:
    step = _step(tree)

    def run(shell: "Shell") -> int:
        shell.last_job = shell.process.start(shell.subshell(Buffered()), step)
        shell.status = 0
        return 0

    return run


def _step(tree: syntax.Step) -> Run:
    """A command, a pipeline, or several joined by && and ||; -e ends the shell if it fails."""
    first = tree.first if isinstance(tree, syntax.AndOr) else tree
    is_negated = isinstance(first, syntax.Pipeline) and first.negated
    inner = _and_or(tree) if isinstance(tree, syntax.AndOr) else _pipeline(tree)

    def failed(shell: "Shell", status: int) -> int:
        if shell.options["e"] and not shell.conditions and not is_negated:
            raise Leaving("exit", status)
        return status

    def run(shell: "Shell") -> Outcome:
        status = inner(shell)
        if not isinstance(status, int):
            return later(shell, status)
        shell.status = status
        return failed(shell, status) if status else 0

    async def later(shell: "Shell", pending: Pending) -> int:
        shell.status = status = await pending
        return failed(shell, status) if status else 0

    return run


def _and_or(tree: syntax.AndOr) -> Run:
    """All but the last are conditions."""
    pipelines = [_pipeline(tree.first), *(_pipeline(each) for _, each in tree.rest)]
    operators = [operator for operator, _ in tree.rest]

    def run(shell: "Shell") -> Outcome:
        return onward(shell, 0)

    def onward(shell: "Shell", index: int) -> Outcome:
        status = 0
        while index < len(pipelines):
            pipeline = pipelines[index]
            outcome = _tested(shell, pipeline) if index < len(operators) else pipeline(shell)
            if not isinstance(outcome, int):
                return later(shell, outcome, index)
            shell.status = status = outcome
            index = following(status, index)
        return status

    async def later(shell: "Shell", pending: Pending, index: int) -> int:
        shell.status = status = await pending
        index = following(status, index)
        if index == len(pipelines):
            return status
        outcome = onward(shell, index)
        return outcome if isinstance(outcome, int) else await outcome

    def following(status: int, index: int) -> int:
        """Whose turn it is after one; that which is skipped leaves the status as it is."""
        index += 1
        while index < len(pipelines) and (status == 0) != (operators[index - 1] == "&&"):
            index += 1
        return index

    return run


def _pipeline(tree: syntax.Command | syntax.Pipeline) -> Run:
    """One command, or several, each on what the one before it wrote."""
    if not isinstance(tree, syntax.Pipeline):
        return _command(tree)
    if len(tree.commands) == 1:
        return _negated(_command(tree.commands[0]))
    commands = [_command(each) for each in tree.commands]
    last = len(commands) - 1

    def run(shell: "Shell") -> Outcome:
        return onward(shell, 0, shell.stdin)

    def onward(shell: "Shell", index: int, source: Input) -> Outcome:
        while True:
            out = Collected()
            inner = shell.subshell(source, shell.output(1) if index == last else out.write)
            outcome = inner.isolated(commands[index])
            if not isinstance(outcome, int):
                return later(shell, index, outcome, out)
            if index == last:
                return outcome
            index, source = index + 1, Buffered(out.data)

    async def later(shell: "Shell", index: int, pending: Pending, out: Collected) -> int:
        status = await pending
        if index == last:
            return status
        outcome = onward(shell, index + 1, Buffered(out.data))
        return outcome if isinstance(outcome, int) else await outcome

    usual = remembered(tree, run)
    return _negated(usual) if tree.negated else usual


def _negated(inner: Run) -> Run:
    def run(shell: "Shell") -> Outcome:
        outcome = inner(shell)
        return int(outcome == 0) if isinstance(outcome, int) else later(outcome)

    async def later(pending: Pending) -> int:
        return int(await pending == 0)

    return run


def _command(tree: syntax.Command) -> Run:
    """One command of any kind, with its redirections."""
    match tree:
        case syntax.Simple():
            is_exec = [expansion.literal(word) for word in tree.words] == ["exec"]
            return redirected(simple(tree), tree.redirects, stays=is_exec)
        case syntax.Function(name, body):
            return _definition(name, _command(body))
        case syntax.Group(sequence, is_subshell, redirects):
            inner = _sequence(sequence)
            return redirected((lambda shell: shell.subshell().isolated(inner)) if is_subshell else inner, redirects)
        case syntax.If():
            return redirected(_if(tree), tree.redirects)
        case syntax.Case():
            return redirected(_case(tree), tree.redirects)
        case syntax.For():
            return redirected(_for(tree), tree.redirects)
        case syntax.Loop():
            return redirected(_loop(tree), tree.redirects)


def _definition(name: str, body: Run) -> Run:
    def run(shell: "Shell") -> int:
        shell.functions = {**shell.functions, name: body}
        return 0

    return run


def _if(tree: syntax.If) -> Run:
    branches = [(_sequence(condition), _sequence(body)) for condition, body in tree.branches]
    otherwise = None if tree.otherwise is None else _sequence(tree.otherwise)

    def run(shell: "Shell") -> Outcome:
        return onward(shell, 0)

    def onward(shell: "Shell", index: int) -> Outcome:
        for number, (condition, body) in enumerate(branches[index:], index):
            outcome = _tested(shell, condition)
            if not isinstance(outcome, int):
                return later(shell, outcome, number)
            if outcome == 0:
                return body(shell)
        return otherwise(shell) if otherwise is not None else 0

    async def later(shell: "Shell", pending: Pending, index: int) -> int:
        outcome = branches[index][1](shell) if await pending == 0 else onward(shell, index + 1)
        return outcome if isinstance(outcome, int) else await outcome

    return run


def _tested(shell: "Shell", condition: Run) -> Outcome:
    """Run a condition, whose failure ends nothing."""
    shell.conditions += 1
    try:
        outcome = condition(shell)
    except BaseException:
        shell.conditions -= 1
        raise
    if not isinstance(outcome, int):
        return _tested_later(shell, outcome)
    shell.conditions -= 1
    return outcome


async def _tested_later(shell: "Shell", pending: Pending) -> int:
    try:
        return await pending
    finally:
        shell.conditions -= 1


def _case(tree: syntax.Case) -> Run:
    word = expansion.text(tree.word)
    branches = [([expansion.pattern(each) for each in patterns], _sequence(body)) for patterns, body in tree.branches]
    word_now = word.now
    nows = [([each.now for each in patterns if each.now], body) for patterns, body in branches]

    def run(shell: "Shell") -> Outcome:
        assert word_now is not None
        value = word_now(shell)
        for patterns, body in nows:
            for pattern in patterns:
                if fnmatch.fnmatchcase(value, pattern(shell)):
                    return body(shell)
        return 0

    async def later(shell: "Shell") -> int:
        value = await word.later(shell)
        for patterns, body in branches:
            for pattern in patterns:
                if fnmatch.fnmatchcase(value, await pattern.later(shell)):
                    outcome = body(shell)
                    return outcome if isinstance(outcome, int) else await outcome
        return 0

    is_at_once = word_now is not None and all(each.now for patterns, _ in branches for each in patterns)
    return run if is_at_once else later


def _loop(tree: syntax.Loop) -> Run:
    condition, body = _sequence(tree.condition), _sequence(tree.body)

    async def run(shell: "Shell") -> int:
        status = 0
        while True:
            outcome = _tested(shell, condition)
            if ((outcome if isinstance(outcome, int) else await outcome) == 0) == tree.until:
                return status
            try:
                outcome = body(shell)
                status = outcome if isinstance(outcome, int) else await outcome
            except Leaving as leaving:
                if not _stays(leaving):
                    return status

    return run


def _for(tree: syntax.For) -> Run:
    words, body = None if tree.words is None else expansion.fields(tree.words), _sequence(tree.body)

    async def run(shell: "Shell") -> int:
        status = 0
        for value in list(shell.arguments) if words is None else await words.later(shell):
            shell.variables[tree.name] = value
            try:
                outcome = body(shell)
                status = outcome if isinstance(outcome, int) else await outcome
            except Leaving as leaving:
                if not _stays(leaving):
                    break
        return status

    return run


def _stays(leaving: Leaving) -> bool:
    """Whether the loop goes on after a break or continue; one that is meant for an outer loop goes on to it."""
    if leaving.kind not in ("break", "continue"):
        raise leaving
    if leaving.depth > 1:
        leaving.depth -= 1
        raise leaving
    return leaving.kind == "continue"
