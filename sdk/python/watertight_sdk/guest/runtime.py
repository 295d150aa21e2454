"""The worker's own answers, and Python's `logging` on its way to the worker's log."""

from __future__ import annotations

import logging
from collections.abc import Callable

from wit_world.imports import log, worker

from ..failure import Failure
from ..values import Position, Scalar
from ..worker import use

Stored = Callable[[Position], dict[str, Scalar] | None]


class _Worker:
    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    def fact(self, name: str) -> str | None:
        return worker.fact(name)

    def stopping(self) -> bool:
        return worker.stopping()


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level = _level(record.levelno)
        if log.enabled(level):
            log.log(level, self.format(record))


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    return "info" if number >= logging.INFO else "debug"


def _nothing_stored(_partition: Position) -> None:
    raise Failure("only source connectors and their tasks have stored offsets", code="unsupported")


def install(stored: Stored = _nothing_stored) -> None:
    """Makes the worker answer, and log."""
    use(_Worker(stored))
    logging.basicConfig(handlers=[_Handler()], level=logging.DEBUG, format="%(message)s", force=True)
