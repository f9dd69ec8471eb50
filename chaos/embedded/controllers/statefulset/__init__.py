"""The StatefulSet controller of Kubernetes 1.37, as an implementation of its own: a model to be judged, not the judge."""

from chaos.embedded.controllers.statefulset.controller import StatefulSetController
from chaos.embedded.controllers.statefulset.rules import Rules

__all__ = ["Rules", "StatefulSetController"]
