"""Connect's `SinkConnector` and `SinkTask`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from .catalogue import PluginClass, Role
from .config import Config
from .failure import Failure
from .reports import Checkup, KeyReport
from .values import Value


@dataclass(slots=True)
class SinkRecord:
    """A record. Topic and partition are as transforms left them; `origin` and `offset` say where it came from."""

    topic: str
    partition: int | None
    key: Value
    value: Value
    headers: Sequence[tuple[str, Value]]
    timestamp: int | None
    origin: tuple[str, int]
    offset: int


@dataclass(slots=True)
class PutReport:
    """So many leading records are the task's now; the worker brings the others again."""

    taken: int
    held: Failure | None = None
    rejected: list[tuple[SinkRecord, Failure]] = field(default_factory=list)
    """Never to be taken, of this batch; they count as taken."""
    call_within_ms: int | None = None
    """Call put by then even without records."""


class SinkTask:
    """Takes records."""

    def start(self, config: Config) -> None:
        """Called once, before `open`."""

    def open(self, partitions: list[tuple[str, int]]) -> None:
        """These partitions are this task's from now on."""

    def put(self, records: list[SinkRecord]) -> PutReport | None:
        """Takes all of them, unless a report says otherwise. A failure stands for none taken."""
        raise NotImplementedError

    def flush(self) -> None:
        """Makes all that was taken durable; the worker commits its offsets afterwards."""

    def close(self, partitions: list[tuple[str, int]], lost: bool) -> None:
        """These partitions are this task's no longer. With `lost`, others own them already."""

    def stop(self) -> None:
        """The end."""


class SinkConnector:
    """Plans the work of its tasks."""

    ROLE: ClassVar[Role] = Role.SINK
    CLASS: ClassVar[PluginClass]
    TASK: ClassVar[type[SinkTask]]
    config: Config

    def validate(self, config: Config) -> list[KeyReport]:
        """What the worker cannot check by itself. Only keys with something to say. Without `start`."""
        return []

    def alter_offsets(self, config: Config, offsets: Sequence[tuple[tuple[str, int], int | None]]) -> bool:
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
        """One configuration per task; as many alike as are allowed unless said otherwise."""
        return [self.config] * max_tasks

    def check(self) -> Checkup:
        """Is all well, and do the tasks need new configurations?"""
        return Checkup()

    def stop(self) -> None:
        """The end."""
