"""A sink that writes each record as a line of JSON."""

from __future__ import annotations

import json
from typing import TextIO

from watertight_sdk import (
    Config,
    ConfigKey,
    Failure,
    Kind,
    PluginClass,
    SinkConnector,
    SinkRecord,
    SinkTask,
)

FILE = ConfigKey(
    "file",
    Kind.STRING,
    "File to append to, below a folder that the worker's sandbox.fs.roots grants for writing.",
    importance="HIGH",
    attributes=(("non-empty", ""),),
)


def line(record: SinkRecord) -> str:
    """A record as JSON; bytes become text."""
    topic, partition = record.origin
    return json.dumps(
        {
            "topic": topic,
            "partition": partition,
            "offset": record.offset,
            "timestamp": record.timestamp,
            "key": record.key,
            "value": record.value,
            "headers": dict(record.headers),
        },
        ensure_ascii=False,
        default=lambda other: other.decode(errors="replace"),
    )


class JsonLinesTask(SinkTask):
    """Appends; the worker commits offsets after `flush`."""

    file: TextIO

    def start(self, config: Config) -> None:
        """Opens the file."""
        path = config.text(FILE)
        try:
            self.file = open(path, "a", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise Failure.config(
                f"{FILE.name} = {path} cannot be opened ({error.strerror}); "
                "it must lie in a folder that sandbox.fs.roots grants with :rw"
            ) from error

    def put(self, records: list[SinkRecord]) -> None:
        """Takes all."""
        self.file.writelines(line(record) + "\n" for record in records)
        self.file.flush()

    def stop(self) -> None:
        """Closes the file."""
        if hasattr(self, "file"):
            self.file.close()


class JsonLines(SinkConnector):
    """Has one task, for there is one file."""

    CLASS = PluginClass(
        "watertight.examples.PythonJsonLinesSinkConnector",
        "0.1.0",
        "Appends records to a file, one JSON object a line. Written in Python.",
        config=(FILE,),
        aliases=("PythonJsonLinesSink",),
    )
    TASK = JsonLinesTask

    def task_configs(self, max_tasks: int) -> list[Config]:
        """One, whatever is allowed."""
        return [self.config]
