"""The two interfaces of sinks."""

from __future__ import annotations

from collections.abc import Iterable

from wit_world.exports import sink_task as wit
from wit_world.imports import common, data

from ..catalogue import Described
from ..sink import PutReport, SinkConnector, SinkRecord, SinkTask
from . import runtime
from .choosing import Playing, by_name, chosen
from .crossing import checkup, config, failure, fallible, from_datum, reports, settings

Settings = list[common.Setting]


def sink_connector(connectors: Iterable[type[Described]]) -> type:
    """The class `SinkConnector` of the contract."""
    classes = by_name(connectors, SinkConnector)

    playing: Playing[SinkConnector] = Playing()

    class Exported:
        @fallible
        def validate(self, name: str, given: Settings) -> list[common.KeyReport]:
            return reports(_fresh(name).validate(config(given)))

        @fallible
        def alter_offsets(
            self, name: str, given: Settings, offsets: list[tuple[data.TopicPartition, int | None]]
        ) -> bool:
            return _fresh(name).alter_offsets(config(given), [(_pair(p), o) for p, o in offsets])

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

    def _fresh(name: str) -> SinkConnector:
        runtime.install()
        return chosen(classes, name)()

    return Exported


def sink_task(connectors: Iterable[type[Described]]) -> type:
    """The class `SinkTask` of the contract."""
    classes = by_name(connectors, SinkConnector)

    playing: Playing[SinkTask] = Playing()

    class Exported:
        @fallible
        def start(self, name: str, given: Settings) -> None:
            runtime.install()
            playing.begin(chosen(classes, name).TASK()).start(config(given))

        @fallible
        def open(self, partitions: list[data.TopicPartition]) -> None:
            playing.it.open([_pair(p) for p in partitions])

        @fallible
        def put(self, batch: wit.SinkBatch) -> wit.PutReport:
            origins = [_pair(p) for p in batch.origins]
            records = [_record(record, batch.topics, origins) for record in batch.records]
            return _report(playing.it.put(records) or PutReport(len(records)))

        @fallible
        def pre_commit(self, offsets: list[wit.TopicOffset]) -> wit.CommitReport:
            playing.it.flush()
            return wit.CommitReport(offsets, [])

        @fallible
        def close(self, partitions: list[data.TopicPartition], lost: bool) -> None:
            playing.it.close([_pair(p) for p in partitions], lost)

        def stop(self) -> None:
            playing.end()

    return Exported


def _pair(partition: data.TopicPartition) -> tuple[str, int]:
    return partition.topic, partition.partition


def _record(record: wit.SinkRecord, topics: list[str], origins: list[tuple[str, int]]) -> SinkRecord:
    message = record.message
    return SinkRecord(
        topic=topics[message.topic],
        partition=message.partition,
        key=from_datum(message.key),
        value=from_datum(message.value),
        headers=[(header.name, from_datum(header.value)) for header in message.headers],
        timestamp=message.timestamp,
        origin=origins[record.origin],
        offset=record.offset,
    )


def _report(report: PutReport) -> wit.PutReport:
    rejected = [
        wit.Rejection(data.TopicPartition(*record.origin), record.offset, failure(cause))
        for record, cause in report.rejected
    ]
    held = failure(report.held) if report.held else None
    return wit.PutReport(report.taken, held, rejected, report.call_within_ms)
