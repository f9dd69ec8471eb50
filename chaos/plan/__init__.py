"""The plan: (profile, seed) -> the operations, drawn without ever looking at a cluster.

The k-th operation of a task depends on nothing but seed, task and k, so one draw more or less shifts no other, and a
replay needs no state. A task is named by its phase and its place there: `stress/tasks[3]`, `stage/do[0]`.
"""

from chaos.plan.drawing import draw
from chaos.plan.telling import describe
from chaos.plan.ticks import Tick, sequence, ticks

__all__ = ["Tick", "describe", "draw", "sequence", "ticks"]
