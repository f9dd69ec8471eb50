"""From a seed to a schedule whose end is determined: what the set becomes may not depend on who is faster. Pure.

Mostly a step waits until the one before is done. `joint` says after which it need not, and why nothing else may follow: what
is racy by nature proves nothing about either cluster.
"""

import random
from collections.abc import Callable
from typing import Literal

from chaos import chance
from tests.differential.schedule import (
    AnyOperation,
    DeletePods,
    LoseClaim,
    Meddle,
    Orphan,
    Recreate,
    Retention,
    Scale,
    Schedule,
    SetMinReady,
    SetRetention,
    SetStart,
    SetStrategy,
    SetTemplate,
    Setup,
    Step,
    Strategy,
    Template,
    Until,
)

MOST = 4
"""Replicas."""

STEPS = 4, 10
BUDGET_S = 16.0
"""What the steps of a schedule may take on a real cluster, by `cost_s`; the first four are always there."""

JOINT = 0.7
"""The share of the steps that do not wait, of those that need not."""

MEDDLED = 201
"""From this seed on somebody also meddles with what the controller made, and loses claims."""


def draw(seed: int) -> Schedule:
    """The schedule of a seed."""
    draws = chance.stream(seed, "differential")
    setup = _setup(draws)
    state, steps, past, spent = setup, list[Step](), [setup.template], 0.0
    wanted = draws.randint(*STEPS)
    while len(steps) < wanted:
        operation = _operation(draws, state, past, is_meddled=seed >= MEDDLED)
        spent += cost_s(state, operation)
        if spent > BUDGET_S and len(steps) >= STEPS[0]:
            break
        # Three at once would need rules of their own.
        if steps and (len(steps) == 1 or steps[-2].until == "settled"):
            until = joint(steps[-1].operation, operation, before=_before(setup, steps))
            if until != "settled" and draws.random() < JOINT:
                steps[-1] = Step(steps[-1].operation, until)
        steps.append(Step(operation))
        state = operation.after(state)
        if state.template not in past:
            past.append(state.template)
    return Schedule(seed, setup, tuple(steps))


def joint(first: AnyOperation, second: AnyOperation, before: Setup) -> Until:
    """What has to be waited for between two operations so that the end is the same, whoever is faster.

    Args:
        before: what the set was asked to be before the first.
    """
    if before.has_claims and before.when_scaled == "Delete" and isinstance(first, Scale | DeletePods):
        # A pod that somebody deletes before the controller does leaves its claim without the owner that would take it along.
        return "settled"
    if before.strategy.type == "RollingUpdate" and before.strategy.partition is None:
        # The revision of a new pod would depend on status.currentReplicas at that moment.
        return "settled"
    match first, second:
        case SetTemplate(), SetTemplate() | DeletePods() | Scale():
            # Unobserved, the first template need not get a revision.
            return "observed"
        case Scale(replicas=once), Scale(replicas=twice) if (once > before.replicas) == (twice > once):
            # Up and down again would leave claims, or not; down and up again replaces pods, or not.
            return "at once"
        case Scale(replicas=once), SetTemplate() if before.strategy.type == "RollingUpdate" or once < before.replicas:
            # Under OnDelete a new pod stays at the revision that it got.
            return "at once"
        case Scale(), DeletePods(ordinals=ordinals) if set(ordinals) <= set(before.ordinals):
            return "at once"
        case DeletePods(grace_s=None), Scale():
            return "at once"
        case DeletePods(grace_s=None), SetTemplate() if before.strategy.type == "RollingUpdate":
            return "at once"
        case SetStrategy(strategy=strategy), SetTemplate() if strategy.type == before.strategy.type == "RollingUpdate":
            return "at once"
    return "settled"


def cost_s(setup: Setup, operation: AnyOperation) -> float:
    """About how long an operation takes on a real cluster until all is done."""
    then = operation.after(setup)
    if setup.policy == "Parallel":
        return 4.0
    one_s = 2.0 + setup.min_ready_s
    match operation:
        case Scale() | SetStart():
            moved = len(set(setup.ordinals) ^ set(then.ordinals))
            return 1.0 + 1.2 * moved
        case SetTemplate() if setup.strategy.type == "RollingUpdate":
            return 1.0 + one_s * max(setup.replicas - (setup.strategy.partition or 0), 0)
        case SetStrategy(strategy=strategy) if strategy.type == "RollingUpdate":
            return 1.0 + one_s * max(setup.replicas - (strategy.partition or 0), 0) / 2
        case DeletePods(ordinals=ordinals):
            return 1.5 + one_s * len(ordinals)
        case Meddle(what="revision") | LoseClaim():
            return 1.5 + one_s
        case Recreate():
            return 3.0 + one_s * setup.replicas
        case Orphan(template=template, lost=lost):
            return 2.0 + one_s * (setup.replicas if template != setup.template else len(lost))
    return 1.5


def _before(setup: Setup, steps: list[Step]) -> Setup:
    """What the set was asked to be before the last step."""
    for step in steps[:-1]:
        setup = step.operation.after(setup)
    return setup


def _setup(draws: random.Random) -> Setup:
    replicas = draws.choice([1, 2, 2, 3, 3, MOST])
    has_claims = draws.random() < 0.5
    return Setup(
        policy="OrderedReady" if draws.random() < 0.65 else "Parallel",
        replicas=replicas,
        strategy=_strategy(draws, replicas),
        start=draws.choice([0, 0, 0, 0, 1, 3]),
        min_ready_s=draws.choice([0, 0, 0, 0, 1, 2]),
        has_claims=has_claims,
        when_scaled=_retention(draws) if has_claims else "Retain",
        when_deleted=_retention(draws) if has_claims else "Retain",
        history_limit=draws.choice([10, 10, 2, 1, 0]),
    )


def _retention(draws: random.Random) -> Retention:
    return "Delete" if draws.random() < 0.5 else "Retain"


def _strategy(draws: random.Random, replicas: int) -> Strategy:
    kind = draws.random()
    if kind < 0.2:
        return Strategy("OnDelete")
    if kind < 0.3:
        return Strategy("RollingUpdate")
    partition = draws.choice([0, 0, draws.randint(0, replicas + 1)])
    several: list[int | str] = [1, 1, 2, "50%"]
    return Strategy("RollingUpdate", partition, draws.choice(several))


def _operation(draws: random.Random, state: Setup, past: list[Template], *, is_meddled: bool) -> AnyOperation:
    """One that changes something."""
    kinds: list[tuple[int, Callable[[random.Random, Setup, list[Template]], AnyOperation]]] = [
        (5, _scaled),
        (5, _changed),
        (3, _rolled_back),
        (4, _other_strategy),
        (5 if state.replicas else 0, _deleted),
        (2, _orphaned),
        (1, _recreated),
        (1, _moved),
        (1 if state.has_claims else 0, _retained),
    ]
    if is_meddled:
        kinds += [
            (9 if state.replicas else 0, _meddled),
            (5 if state.replicas and state.has_claims else 0, _bereft),
            (3, _more_patient),
        ]
    chosen = draws.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]
    return chosen(draws, state, past)


def _scaled(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    others = [number for number in range(MOST + 1) if number != state.replicas]
    weights = [1 if number == 0 else 3 for number in others]
    return Scale(draws.choices(others, weights)[0], draws.choice(["spec", "scale"]))


def _changed(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    """To a template that never was."""
    return SetTemplate(_fresh(draws, state.template, past))


def _fresh(draws: random.Random, template: Template, past: list[Template]) -> Template:
    newest = 1 + max(max(each.annotation, each.env) for each in past)
    if draws.random() < 0.5:
        return Template(newest, template.env)
    return Template(template.annotation, newest)


def _rolled_back(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    others = [each for each in past if each != state.template]
    return SetTemplate(draws.choice(others)) if others else _changed(draws, state, past)


def _other_strategy(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    while (strategy := _strategy(draws, state.replicas)) == state.strategy:
        continue
    return SetStrategy(strategy)


def _deleted(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    count = min(draws.choice([1, 1, 1, 2, 3]), state.replicas)
    chosen = sorted(draws.sample(list(state.ordinals), count))
    return DeletePods(tuple(chosen), draws.choice([None, None, 0]))


def _meddled(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    kinds: list[Literal["owner", "name", "revision"]] = ["owner", "name", "revision"]
    return Meddle(draws.choice(kinds), draws.choice(list(state.ordinals)))


def _bereft(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    return LoseClaim(draws.choice(list(state.ordinals)))


def _more_patient(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    return SetMinReady(draws.choice([seconds for seconds in range(3) if seconds != state.min_ready_s]))


def _orphaned(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    kind = draws.random()
    template = state.template if kind < 0.6 else _fresh(draws, state.template, past)
    lost = (draws.choice(list(state.ordinals)),) if kind < 0.2 and state.replicas else ()
    return Orphan(template, lost)


def _recreated(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    return Recreate(draws.choice(["Background", "Foreground"]))


def _moved(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    return SetStart(draws.choice([number for number in range(4) if number != state.start]))


def _retained(draws: random.Random, state: Setup, past: list[Template]) -> AnyOperation:
    now = (state.when_scaled, state.when_deleted)
    both: tuple[Retention, ...] = ("Retain", "Delete")
    others = [(scaled, deleted) for scaled in both for deleted in both if (scaled, deleted) != now]
    return SetRetention(*draws.choice(others))
