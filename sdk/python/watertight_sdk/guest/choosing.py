"""One instance plays one class, named by the worker in `start`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from ..catalogue import Described
from ..failure import Failure

T = TypeVar("T", bound=Described)


class Stops(Protocol):
    """A connector or task."""

    def stop(self) -> None:
        """The end."""


S = TypeVar("S", bound=Stops)


class Playing(Generic[S]):
    """What was started. Kept here, because the exported classes are made anew for each call."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._it: S | None = None

    def begin(self, it: S) -> S:
        """From now on this."""
        self._it = it
        return it

    @property
    def it(self) -> S:
        """What was started last."""
        if self._it is None:
            raise Failure("it was not started", code="IllegalWorkerStateException")
        return self._it

    def end(self) -> None:
        """Stops it. A failure is logged: `stop` answers nothing, and an exception would be a trap."""
        it, self._it = self._it, None
        if it is None:
            return
        try:
            it.stop()
        except Exception:
            logging.getLogger(__name__).exception("stop failed")


def by_name(connectors: Iterable[type[Described]], base: type[T]) -> dict[str, type[T]]:
    """The classes that are of one role, under their names and aliases."""
    found: dict[str, type[T]] = {}
    for connector in connectors:
        if issubclass(connector, base):
            names = (connector.CLASS.name, *connector.CLASS.aliases)
            found.update(dict.fromkeys(names, connector))
    return found


def chosen(classes: dict[str, type[T]], name: str) -> type[T]:
    """The class of this name."""
    if name not in classes:
        raise Failure.config(f"this plugin holds no class {name}, only {', '.join(classes)}")
    return classes[name]
