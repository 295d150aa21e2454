"""The interface that every plugin exports."""

from __future__ import annotations

from collections.abc import Iterable

from wit_world.exports.catalogue import ConfigKey, PluginClass

from ..catalogue import Described, describe


def catalogue(connectors: Iterable[type[Described]]) -> type:
    """The class `Catalogue`."""
    classes = [_class(described) for described in describe(connectors)]

    class Catalogue:
        def describe(self) -> list[PluginClass]:
            return classes

    return Catalogue


def _class(described: dict) -> PluginClass:
    return PluginClass(**{**_arguments(described), "config": [_key(key) for key in described["config"]]})


def _key(key: dict) -> ConfigKey:
    pairs = [(name, value) for name, value in key["attributes"]]
    return ConfigKey(**{**_arguments(key), "attributes": pairs})


def _arguments(described: dict) -> dict:
    return {name.replace("-", "_"): value for name, value in described.items()}
