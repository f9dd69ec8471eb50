"""Every operation there is."""

from chaos.operations.faults import Inflict
from chaos.operations.nodes import Cordon, Drain, Taint, Uncordon, Untaint
from chaos.operations.pods import (
    CrashContainer,
    CreateBudget,
    DeleteBudget,
    DeleteClaims,
    DeletePods,
    EvictPods,
    FailPods,
    HoldClaims,
    HoldPods,
    MakeReady,
    MakeUnready,
    OrphanPods,
    RelabelPods,
    ReleaseClaims,
    ReleasePods,
    StealName,
)
from chaos.operations.probes import ProbeDns, ProbeHttp, WritePages
from chaos.operations.sets import (
    ChangeTemplate,
    ConflictingWriters,
    CreateService,
    CreateSet,
    DeleteService,
    DeleteSet,
    Rollback,
    Scale,
    SetHistoryLimit,
    SetImage,
    SetMaxUnavailable,
    SetMinReadySeconds,
    SetPartition,
    SetRetention,
    SetStartOrdinal,
    SetStrategy,
)

SetOperation = (
    CreateService
    | DeleteService
    | CreateSet
    | DeleteSet
    | Scale
    | SetPartition
    | SetStrategy
    | SetMaxUnavailable
    | SetMinReadySeconds
    | SetStartOrdinal
    | SetRetention
    | SetHistoryLimit
    | SetImage
    | ChangeTemplate
    | Rollback
    | ConflictingWriters
)

PodOperation = (
    DeletePods
    | EvictPods
    | CreateBudget
    | DeleteBudget
    | DeleteClaims
    | HoldClaims
    | ReleaseClaims
    | RelabelPods
    | StealName
    | OrphanPods
    | HoldPods
    | ReleasePods
    | CrashContainer
    | FailPods
    | MakeUnready
    | MakeReady
)

NodeOperation = Cordon | Uncordon | Drain | Taint | Untaint

ProbeOperation = WritePages | ProbeDns | ProbeHttp

AnyOperation = SetOperation | PodOperation | NodeOperation | Inflict | ProbeOperation
