"""Plays the worker, so that a connector is tested as ordinary Python."""

from __future__ import annotations

from .source import PollLimits, SourceBatch, SourceTask
from .values import Position, Scalar
from .worker import use

LIMITS = PollLimits(max_records=1000, max_bytes=1 << 20, max_ms=1000)
"""What a worker usually allows."""


class FakeWorker:
    """Holds facts and offsets. The newest one made answers."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self.facts: dict[str, str] = {}
        self.offsets: list[tuple[dict[str, Scalar], dict[str, Scalar]]] = []
        self.wants_stop = False
        use(self)

    def fact(self, name: str) -> str | None:
        """As put into `facts`."""
        return self.facts.get(name)

    def stopping(self) -> bool:
        """As put into `wants_stop`."""
        return self.wants_stop

    def stored(self, partition: Position) -> dict[str, Scalar] | None:
        """The newest offset of a partition."""
        wanted = dict(partition)
        found = [offset for known, offset in self.offsets if known == wanted]
        return dict(found[-1]) if found else None

    def poll(self, task: SourceTask, limits: PollLimits = LIMITS) -> SourceBatch:
        """Polls and stores the offsets of all that came."""
        batch = task.poll(limits)
        for record in batch.records:
            if record.source_offset is not None:
                self.offsets.append((dict(record.source_partition), dict(record.source_offset)))
        return batch
