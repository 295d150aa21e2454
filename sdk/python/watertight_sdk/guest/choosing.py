"""One instance plays one class, named by the worker in `start`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from ..catalogue import Described, Role
from ..failure import Failure

T = TypeVar("T", bound=Described)


def by_name(connectors: Iterable[type[T]], role: Role) -> dict[str, type[T]]:
    """The classes of a role, under their names and aliases."""
    found: dict[str, type[T]] = {}
    for connector in connectors:
        if connector.ROLE is role:
            names = (connector.CLASS.name, *connector.CLASS.aliases)
            found.update(dict.fromkeys(names, connector))
    return found


def chosen(classes: dict[str, type[T]], name: str) -> type[T]:
    """The class of this name."""
    if name not in classes:
        raise Failure.config(f"this plugin holds no class {name}, only {', '.join(classes)}")
    return classes[name]
