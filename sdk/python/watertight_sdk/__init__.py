"""Write a connector in Python, run it in a sandbox.

Nothing in this package needs WebAssembly except the folder `guest`, which only the component itself loads.
A connector's own code is therefore ordinary Python and is tested as such.

Import at the top of a module, never inside a function: a component holds the modules that were loaded when it
was built, and no others.
"""

from .catalogue import CONTRACT, ConfigKey, Kind, PluginClass, Role, describe
from .config import Config
from .failure import Failure
from .reports import Checkup, KeyReport
from .sink import PutReport, SinkConnector, SinkRecord, SinkTask
from .source import PollLimits, SourceBatch, SourceConnector, SourceRecord, SourceTask
from .values import Position, Scalar, Value
from .worker import fact, stopping, stored

__all__ = [
    "CONTRACT",
    "Checkup",
    "Config",
    "ConfigKey",
    "Failure",
    "KeyReport",
    "Kind",
    "PluginClass",
    "PollLimits",
    "Position",
    "PutReport",
    "Role",
    "Scalar",
    "SinkConnector",
    "SinkRecord",
    "SinkTask",
    "SourceBatch",
    "SourceConnector",
    "SourceRecord",
    "SourceTask",
    "Value",
    "describe",
    "fact",
    "stopping",
    "stored",
]
