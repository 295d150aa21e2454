"""A source that counts: `record-0`, `record-1` and so on."""

from __future__ import annotations

import logging

from watertight_sdk import (
    Config,
    ConfigKey,
    KeyReport,
    Kind,
    PluginClass,
    PollLimits,
    SourceBatch,
    SourceConnector,
    SourceRecord,
    SourceTask,
    stored,
)

TOPIC = ConfigKey("topic", Kind.STRING, "Where the records go.", importance="HIGH", attributes=(("non-empty", ""),))
PREFIX = ConfigKey("prefix", Kind.STRING, "What stands before the number.", default="record")
COUNT = ConfigKey("count", Kind.LONG, "How many records to send; -1: without end.", default="-1")
INTERVAL = ConfigKey(
    "interval.ms",
    Kind.LONG,
    "Milliseconds between two records; 0: as fast as the worker takes them.",
    default="1000",
    attributes=(("min", "0"),),
)

IDLE_MS = 60_000

log = logging.getLogger(__name__)


class CounterTask(SourceTask):
    """Sends the next number."""

    def start(self, config: Config) -> None:
        """Goes on where the stored offset says."""
        self.topic = config.text(TOPIC)
        self.prefix = config.text(PREFIX)
        self.count = config.integer(COUNT)
        self.interval = config.integer(INTERVAL)
        self.partition = {"prefix": self.prefix}
        self.next = int((stored(self.partition) or {}).get("next") or 0)
        log.info("counting from %d", self.next)

    def poll(self, limits: PollLimits) -> SourceBatch:
        """One record an interval, or a whole batch."""
        wanted = 1 if self.interval else limits.max_records
        if self.count >= 0:
            wanted = min(wanted, self.count - self.next)
        if wanted <= 0:
            return SourceBatch(wait_ms=IDLE_MS)
        numbers = range(self.next, self.next + wanted)
        self.next = numbers.stop
        return SourceBatch([self._record(number) for number in numbers], self.interval or None)

    def _record(self, number: int) -> SourceRecord:
        return SourceRecord(self.topic, f"{self.prefix}-{number}", self.partition, {"next": number + 1})


class Counter(SourceConnector):
    """Has one task, for one number comes after the other."""

    CLASS = PluginClass(
        "watertight.examples.PythonCounterSourceConnector",
        "0.1.0",
        "Counts, and goes on where it stopped. Written in Python.",
        config=(TOPIC, PREFIX, COUNT, INTERVAL),
        aliases=("PythonCounterSource",),
    )
    TASK = CounterTask

    def validate(self, config: Config) -> list[KeyReport]:
        """A prefix with a line break would make two lines of a record in a file."""
        if "\n" in config.text(PREFIX):
            return [KeyReport(PREFIX.name, [f"Invalid value for configuration {PREFIX.name}: it has a line break"])]
        return []
