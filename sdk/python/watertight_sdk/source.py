"""Connect's `SourceConnector` and `SourceTask`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from .catalogue import PluginClass, Role
from .config import Config
from .reports import Checkup, KeyReport
from .values import Position, Value


@dataclass(slots=True)
class SourceRecord:
    """A record and the place at which work resumes after it.

    Without `source_offset` the last one before stays in force.
    """

    topic: str
    value: Value
    source_partition: Position
    source_offset: Position | None = None
    key: Value = None
    headers: Sequence[tuple[str, Value]] = ()
    timestamp: int | None = None
    partition: int | None = None


@dataclass(slots=True)
class SourceBatch:
    """What there is now, and in how many milliseconds to ask again. Connectors never sleep."""

    records: list[SourceRecord] = field(default_factory=list)
    wait_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PollLimits:
    """How much a poll may answer: a harder byte limit and the call's deadline stand behind these."""

    max_records: int
    max_bytes: int
    max_ms: int


class SourceTask:
    """Brings records."""

    def start(self, config: Config) -> None:
        """Called once, before the first poll."""

    def poll(self, limits: PollLimits) -> SourceBatch:
        """Whatever there is now."""
        raise NotImplementedError

    def committed(self) -> None:
        """Connect's `commit`. Needs the feature `committed`."""

    def stop(self) -> None:
        """The end."""


class SourceConnector:
    """Plans the work of its tasks."""

    ROLE: ClassVar[Role] = Role.SOURCE
    CLASS: ClassVar[PluginClass]
    TASK: ClassVar[type[SourceTask]]
    config: Config

    def validate(self, config: Config) -> list[KeyReport]:
        """What the worker cannot check by itself. Only keys with something to say. Without `start`."""
        return []

    def exactly_once_support(self, config: Config) -> bool | None:
        """Whether exactly-once delivery holds; None when the connector does not know."""
        return None

    def alter_offsets(self, config: Config, offsets: Sequence[tuple[Position, Position | None]]) -> bool:
        """An operator sets (or with None resets) offsets of a stopped connector, before anything is written.

        True: whatever the connector keeps elsewhere is changed as well. False: not implemented. A failure leaves
        everything as it was, and its message is what the operator reads; the code `unsupported` says that offsets
        cannot be changed from outside.
        """
        return False

    def start(self, config: Config) -> None:
        """Called once, before `task_configs`."""
        self.config = config

    def task_configs(self, max_tasks: int) -> list[Config]:
        """One configuration per task, at most so many; one task with everything unless said otherwise."""
        return [self.config]

    def check(self) -> Checkup:
        """Is all well, and do the tasks need new configurations?"""
        return Checkup()

    def stop(self) -> None:
        """The end."""
