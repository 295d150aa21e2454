"""What a plugin says of its classes.

One declaration is both the answer of `describe` and the text of the metadata section, so they cannot differ; a
worker withdraws a class for which they do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Protocol

CONTRACT = "0.2.0"
"""Version of the contract that this package speaks."""


class Kind(Enum):
    """Kafka's configuration types."""

    BOOLEAN = "BOOLEAN"
    STRING = "STRING"
    INT = "INT"
    SHORT = "SHORT"
    LONG = "LONG"
    DOUBLE = "DOUBLE"
    LIST = "LIST"
    CLASS = "CLASS"
    PASSWORD = "PASSWORD"


class Role(Enum):
    """What a class is to the worker."""

    SOURCE = "source"
    SINK = "sink"


@dataclass(frozen=True)
class ConfigKey:
    """One setting. Required, unless it is `optional` (null when absent) or has a `default`.

    `attributes` are checks that the worker makes by itself: `("min", "1")`, `("max", ..)`, `("one-of", ..)`
    repeated, `("one-of-ignoring-case", ..)`, `("non-empty", "")`, `("pattern", ..)`, `("internal", "")`.
    """

    name: str
    kind: Kind = Kind.STRING
    documentation: str = ""
    default: str | None = None
    optional: bool = False
    importance: str = "MEDIUM"
    group: str | None = None
    order_in_group: int | None = None
    width: str = "NONE"
    display_name: str | None = None
    dependents: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def required(self) -> bool:
        """Whether a configuration without it is wrong."""
        return self.default is None and not self.optional


@dataclass(frozen=True)
class PluginClass:
    """One class of a plugin. Its role is that of the base class it stands in."""

    name: str
    version: str
    documentation: str = ""
    config: tuple[ConfigKey, ...] = ()
    aliases: tuple[str, ...] = ()
    task_class: str | None = None
    features: tuple[str, ...] = field(default=())


class Described(Protocol):
    """A connector class."""

    CLASS: ClassVar[PluginClass]
    ROLE: ClassVar[Role]


def describe(connectors: Iterable[type[Described]]) -> list[dict[str, object]]:
    """The classes with the contract's field names, as the metadata section holds them."""
    return [_class(connector.CLASS, connector.ROLE) for connector in connectors]


def _class(declared: PluginClass, role: Role) -> dict[str, object]:
    return {
        "name": declared.name,
        "aliases": list(declared.aliases),
        "role": role.value,
        "version": declared.version,
        "task-class": declared.task_class,
        "documentation": declared.documentation,
        "config": [_key(key) for key in declared.config],
        "features": list(declared.features),
    }


def _key(key: ConfigKey) -> dict[str, object]:
    return {
        "name": key.name,
        "kind": key.kind.value,
        "required": key.required,
        "default-value": key.default,
        "importance": key.importance,
        "documentation": key.documentation,
        "group": key.group,
        "order-in-group": key.order_in_group,
        "width": key.width,
        "display-name": key.display_name,
        "dependents": list(key.dependents),
        "attributes": [list(pair) for pair in key.attributes],
    }
