"""Values, settings and failures on their way in and out of the component."""

from __future__ import annotations

import functools
import json
import traceback
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from componentize_py_types import Err
from wit_world.imports import common, data, schemas

from ..config import Config
from ..failure import Failure
from ..reports import Checkup, KeyReport
from ..values import Position, Scalar, Value

P = ParamSpec("P")
R = TypeVar("R")

_NULL = data.Datum(0, data.Value_Null())
_INT64 = range(-(1 << 63), 1 << 63)
_SCALARS = {bool: data.Scalar_Boolean, float: data.Scalar_Float, str: data.Scalar_Text}
_VALUES = {bool: data.Value_Boolean, float: data.Value_Float, str: data.Value_Text, bytes: data.Value_Bytes}


def config(settings: list[common.Setting]) -> Config:
    """Settings from the worker."""
    return Config({s.name: s.value for s in settings}, (s.name for s in settings if s.secret))


def settings(config: Config) -> list[common.Setting]:
    """Settings for the worker."""
    return [common.Setting(name, value, name in config.secrets) for name, value in config.items()]


def failure(error: Exception) -> common.Failure:
    """Any exception as the contract's failure."""
    trace = "".join(traceback.format_exception(error)).rstrip()
    if isinstance(error, Failure):
        return common.Failure(error.code, error.message, trace, error.retriable, error.retry_after_ms)
    name = type(error).__name__
    return common.Failure(name, f"{name}: {error}", trace, False, None)


def fallible(call: Callable[P, R]) -> Callable[P, R]:
    """An exception that leaves a call of the worker would be a trap, and the end of the instance."""

    @functools.wraps(call)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except Err:
            raise
        except Exception as error:
            raise Err(failure(error)) from None

    return guarded


def reports(found: list[KeyReport]) -> list[common.KeyReport]:
    """Answer of `validate`."""
    return [common.KeyReport(r.name, r.errors, r.recommended_values, r.visible) for r in found]


def checkup(found: Checkup) -> common.Checkup:
    """Answer of `check`."""
    return common.Checkup(found.reconfigure_tasks, found.again_after_ms)


def to_scalar(value: Scalar) -> data.Scalar:
    """Part of a position for the worker."""
    if value is None:
        return data.Scalar_Null()
    kind = _SCALARS.get(type(value))
    return kind(value) if kind else data.Scalar_Integer(_int64(value))


def to_position(position: Position) -> list[tuple[str, data.Scalar]]:
    """A position for the worker."""
    return [(name, to_scalar(value)) for name, value in position.items()]


def from_position(position: list[tuple[str, data.Scalar]]) -> dict[str, Scalar]:
    """A position from the worker; null has no value."""
    return {name: getattr(scalar, "value", None) for name, scalar in position}


def to_datum(value: Value) -> data.Datum:
    """A value for the worker, with its natural schema."""
    if value is None:
        return _NULL
    kind = _VALUES.get(type(value))
    if kind:
        return data.Datum(0, kind(value))
    if isinstance(value, (list, tuple, dict)):
        return data.Datum(0, data.Value_Json(json.dumps(value, ensure_ascii=False, allow_nan=False)))
    return data.Datum(0, data.Value_Integer(_int64(value)))


def from_datum(datum: data.Datum) -> Value:
    """A value from the worker; structs become dicts."""
    value = datum.value
    if isinstance(value, data.Value_Json):
        return json.loads(value.value)
    if isinstance(value, data.Value_Tape):
        return _from_tape(iter(value.value), _shape(datum.schema) if datum.schema > 1 else None)
    return getattr(value, "value", None)


def _int64(value: object) -> int:
    if not isinstance(value, int):
        raise Failure.data(f"{type(value).__name__} is no type of Connect's: {value!r}")
    if value not in _INT64:
        raise Failure.data(f"{value} does not fit into 64 bits")
    return value


Shape = tuple[list[str], list[Any]]
"""Field names, and the shapes of what is inside: elements; keys and values; or fields."""


@functools.lru_cache(maxsize=1000)
def _shape(schema: int) -> Shape | None:
    nodes = schemas.get(schema)
    return _read_shape(iter(nodes)) if nodes else None


def _read_shape(nodes: Iterator[data.SchemaNode]) -> Shape:
    shape = next(nodes).shape
    if isinstance(shape, data.Shape_StructOf):
        return shape.value, [_read_shape(nodes) for _ in shape.value]
    inside = {data.Shape_ArrayOf: 1, data.Shape_MapOf: 2}.get(type(shape), 0)
    return [], [_read_shape(nodes) for _ in range(inside)]


def _from_tape(nodes: Iterator[data.ValueNode], shape: Shape | None) -> Value:
    node = next(nodes)
    names, inside = shape or ([], [])
    if isinstance(node, data.ValueNode_Elements):
        element = inside[0] if inside else None
        return [_from_tape(nodes, element) for _ in range(node.value)]
    if isinstance(node, data.ValueNode_Entries):
        key, value = inside if inside else (None, None)
        pairs = ((_from_tape(nodes, key), _from_tape(nodes, value)) for _ in range(node.value))
        return dict(pairs)
    if isinstance(node, data.ValueNode_Fields):
        return {name: _from_tape(nodes, field) for name, field in zip(names, inside, strict=True)}
    return getattr(node, "value", None)
