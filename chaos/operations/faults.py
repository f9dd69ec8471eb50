"""Faults of the target's control plane, by names that mean the same on every target which offers them."""

from typing import Literal

from chaos.operations.operation import Operation

Fault = Literal[
    "slow-api",
    "api-429",
    "api-500",
    "api-503",
    "lost-answers",
    "watch-410",
    "cut-watches",
    "silent-watches",
    "pause-apiserver",
    "restart-apiserver",
    "pause-controller",
    "restart-controller",
    "failover-controller",
    "pause-scheduler",
    "restart-scheduler",
    "pause-etcd",
    "restart-etcd",
    "freeze-kubelet",
    "restart-kubelet",
    "lose-node",
    "restart-dns",
]


class Inflict(Operation, frozen=True, tag="inflict"):
    """Inflict a fault for some seconds, and heal it.

    pause-, freeze-: the process is stopped as by SIGSTOP and goes on. restart-: it ends, and another starts `seconds` later.
    `share` is of the requests that it meets, `delay_s` what each of them takes longer, where the fault has such.
    """

    fault: Fault
    seconds: float
    share: float = 1.0
    delay_s: float = 1.0
