"""Profiles: a YAML file becomes a frozen `Profile`, or one line for every mistake in it."""

from chaos.profile.document import ProfileError
from chaos.profile.expectations import Expectation
from chaos.profile.json_schema import schema
from chaos.profile.model import Checks, Controller, Phase, Profile, Target, Task, Until
from chaos.profile.reading import load, parse
from chaos.profile.shipped import names
from chaos.profile.steps import Step

__all__ = [
    "Checks",
    "Controller",
    "Expectation",
    "Phase",
    "Profile",
    "ProfileError",
    "Step",
    "Target",
    "Task",
    "Until",
    "load",
    "names",
    "parse",
    "schema",
]
