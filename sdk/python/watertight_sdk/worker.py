"""What a connector may ask its worker.

Inside a component the worker answers; outside, `testing.FakeWorker` does. Log lines go through Python's own
`logging`, which the component hands to the worker.
"""

from __future__ import annotations

from typing import Protocol

from .failure import Failure
from .values import Position, Scalar


class Runtime(Protocol):
    """Whoever answers."""

    def fact(self, name: str) -> str | None:
        """See `fact`."""

    def stopping(self) -> bool:
        """See `stopping`."""
        ...

    def stored(self, partition: Position) -> dict[str, Scalar] | None:
        """See `stored`."""


_answers: list[Runtime] = []


def use(runtime: Runtime) -> None:
    """Who answers from now on."""
    _answers[:] = [runtime]


def _runtime() -> Runtime:
    if not _answers:
        raise Failure("there is no worker here: in tests, make a watertight_sdk.testing.FakeWorker first")
    return _answers[0]


def fact(name: str) -> str | None:
    """Named facts: `connector`, `task`, `worker.version`, `errors.tolerance` and so on."""
    return _runtime().fact(name)


def stopping() -> bool:
    """The worker wants this task to stop: return soon."""
    return _runtime().stopping()


def stored(partition: Position) -> dict[str, Scalar] | None:
    """The offset that this source connector has stored for a source partition."""
    return _runtime().stored(partition)
