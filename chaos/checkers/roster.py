"""Who judges a run, and which streams each family of guarantees needs whole."""

from collections.abc import Callable

from chaos.checkers.cascade import CascadeChecker
from chaos.checkers.claims.creation import ClaimCreationChecker
from chaos.checkers.claims.keeping import ClaimKeepingChecker
from chaos.checkers.claims.retention import RetentionChecker
from chaos.checkers.controller.checker import FAMILIES, ControllerChecker
from chaos.checkers.drift import DriftChecker
from chaos.checkers.expectations import ExpectationsChecker
from chaos.checkers.hostnames import HostnameChecker
from chaos.checkers.hotloop import HotLoopChecker
from chaos.checkers.identity import IdentityChecker
from chaos.checkers.limits import LimitsChecker
from chaos.checkers.names import NamesChecker
from chaos.checkers.ownership import OwnershipChecker
from chaos.checkers.pages import PageChecker
from chaos.checkers.panel import Checker, Court
from chaos.checkers.progress import ProgressChecker
from chaos.checkers.quiescence import QuiescenceChecker
from chaos.checkers.quietness import QuietnessChecker
from chaos.checkers.revisions.content import ContentChecker
from chaos.checkers.revisions.creation import RevisionsChecker
from chaos.checkers.revisions.truncation import TruncationChecker
from chaos.checkers.slices import SliceChecker
from chaos.checkers.termination import TerminationChecker

CORE = ("pods", "statefulsets", "persistentvolumeclaims", "controllerrevisions")
"""What the controller reads: a gap in one of these leaves the explain rule without ground."""

CHECKERS: tuple[Callable[[Court], Checker], ...] = (
    ControllerChecker,
    CascadeChecker,
    IdentityChecker,
    PageChecker,
    SliceChecker,
    NamesChecker,
    HostnameChecker,
    ProgressChecker,
    ClaimCreationChecker,
    RetentionChecker,
    ClaimKeepingChecker,
    RevisionsChecker,
    TruncationChecker,
    ContentChecker,
    OwnershipChecker,
    DriftChecker,
    QuiescenceChecker,
    HotLoopChecker,
    TerminationChecker,
    ExpectationsChecker,
    LimitsChecker,
    QuietnessChecker,
)
"""Every checker, in the order in which they are told."""

NEEDS: dict[str, tuple[str, ...]] = {
    **{family: CORE for family in FAMILIES},
    "identity.": ("pods", "persistentvolumeclaims"),
    "cascade.": ("pods", "statefulsets"),
    "progress.": ("pods", "statefulsets", "events"),
    "dns.": ("pods", "services", "endpointslices"),
    "claims.": ("pods", "statefulsets", "persistentvolumeclaims"),
    "ownership.": ("pods", "statefulsets", "controllerrevisions"),
    "quietness.": CORE,
    "revisions.": ("pods", "statefulsets", "controllerrevisions"),
    "termination.": ("pods", "statefulsets"),
    "lesson.": ("pods", "statefulsets", "controllerrevisions", "services"),
}
"""Which streams a family of guarantees needs whole."""
