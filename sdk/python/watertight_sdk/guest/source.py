"""The two interfaces of sources."""

from __future__ import annotations

from collections.abc import Iterable

from wit_world.exports import source_task as wit
from wit_world.imports import common, data
from wit_world.imports import offsets as stored_offsets

from ..catalogue import Described
from ..source import PollLimits, SourceBatch, SourceConnector, SourceRecord, SourceTask
from ..values import Position, Scalar
from . import runtime
from .choosing import Playing, by_name, chosen
from .crossing import (
    checkup,
    config,
    fallible,
    from_position,
    reports,
    settings,
    to_datum,
    to_position,
    to_scalar,
)

Settings = list[common.Setting]
WitPosition = list[tuple[str, data.Scalar]]


def source_connector(connectors: Iterable[type[Described]]) -> type:
    """The class `SourceConnector` of the contract."""
    classes = by_name(connectors, SourceConnector)

    playing: Playing[SourceConnector] = Playing()

    class Exported:
        @fallible
        def validate(self, name: str, given: Settings) -> list[common.KeyReport]:
            return reports(_fresh(name).validate(config(given)))

        @fallible
        def exactly_once_support(self, name: str, given: Settings) -> bool | None:
            return _fresh(name).exactly_once_support(config(given))

        @fallible
        def can_define_transaction_boundaries(self, name: str, given: Settings) -> bool:
            return False

        @fallible
        def alter_offsets(
            self, name: str, given: Settings, offsets: list[tuple[WitPosition, WitPosition | None]]
        ) -> bool:
            pairs = [(from_position(p), None if o is None else from_position(o)) for p, o in offsets]
            return _fresh(name).alter_offsets(config(given), pairs)

        @fallible
        def start(self, name: str, given: Settings) -> None:
            playing.begin(_fresh(name)).start(config(given))

        @fallible
        def task_configs(self, max_tasks: int) -> list[Settings]:
            return [settings(task) for task in playing.it.task_configs(max_tasks)]

        @fallible
        def check(self) -> common.Checkup:
            return checkup(playing.it.check())

        def stop(self) -> None:
            playing.end()

    def _fresh(name: str) -> SourceConnector:
        runtime.install(_stored)
        return chosen(classes, name)()

    return Exported


def source_task(connectors: Iterable[type[Described]]) -> type:
    """The class `SourceTask` of the contract."""
    classes = by_name(connectors, SourceConnector)

    playing: Playing[SourceTask] = Playing()

    class Exported:
        @fallible
        def start(self, name: str, given: Settings) -> None:
            runtime.install(_stored)
            playing.begin(chosen(classes, name).TASK()).start(config(given))

        @fallible
        def poll(self, max_records: int, max_bytes: int, max_ms: int) -> wit.SourceBatch:
            return _batch(playing.it.poll(PollLimits(max_records, max_bytes, max_ms)))

        def acknowledge(self, done: wit.Acknowledgements) -> None:
            """Comes only to classes with the feature, which this package does not offer."""

        @fallible
        def committed(self) -> None:
            playing.it.committed()

        def stop(self) -> None:
            playing.end()

    return Exported


def _stored(partition: Position) -> dict[str, Scalar] | None:
    found = stored_offsets.stored([to_position(partition)])[0]
    return None if found is None else from_position(found)


def _batch(batch: SourceBatch) -> wit.SourceBatch:
    """Topics and source partitions are listed once, and records refer to them."""
    topics: dict[str, int] = {}
    partitions: dict[tuple, int] = {}
    listed: list[wit.SourcePartition] = []
    records: list[wit.SourceRecord] = []
    for record in batch.records:
        offset = record.source_offset
        # With types, for 1 and True are equal and yet different source partitions.
        key = (
            tuple((name, type(value), value) for name, value in record.source_partition.items()),
            tuple(offset or ()),
        )
        partition = partitions.setdefault(key, len(listed))
        if partition == len(listed):
            listed.append(wit.SourcePartition(to_position(record.source_partition), list(offset or ())))
        topic = topics.setdefault(record.topic, len(topics))
        records.append(wit.SourceRecord(_message(record, topic), partition, _checkpoint(record)))
    return wit.SourceBatch(list(topics), listed, records, [], batch.wait_ms)


def _message(record: SourceRecord, topic: int) -> data.Message:
    headers = [data.Header(name, to_datum(value)) for name, value in record.headers]
    key, value = to_datum(record.key), to_datum(record.value)
    return data.Message(topic, record.partition, key, value, headers, record.timestamp)


def _checkpoint(record: SourceRecord) -> wit.Checkpoint:
    if record.source_offset is None:
        return wit.Checkpoint_Keep()
    return wit.Checkpoint_At([to_scalar(value) for value in record.source_offset.values()])
