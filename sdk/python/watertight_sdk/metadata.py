"""The custom section `watertight:plugin`: a worker that finds it lists a plugin without compiling or running it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from .catalogue import CONTRACT, Described, describe

SECTION = "watertight:plugin"
_HEADER = b"\0asm\x0d\0\x01\0"
_CUSTOM = 0


def text(connectors: Iterable[type[Described]]) -> str:
    """What the section holds."""
    metadata = {"contract": CONTRACT, "classes": describe(connectors)}
    return json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))


def section(data: bytes, name: str = SECTION) -> bytes:
    """A custom section: id 0, size, name, data."""
    label = name.encode()
    body = _leb128(len(label)) + label + data
    return bytes([_CUSTOM]) + _leb128(len(body)) + body


def with_section(component: bytes, data: bytes) -> bytes:
    """The component with this section at its own level, replacing one that is already there."""
    if not component.startswith(_HEADER):
        raise ValueError("not a WebAssembly component")
    kept = [component[: len(_HEADER)]]
    at = len(_HEADER)
    while at < len(component):
        size, body = _read_leb128(component, at + 1)
        if body + size > len(component):
            raise ValueError("the component is truncated")
        if not (component[at] == _CUSTOM and _name(component, body) == SECTION):
            kept.append(component[at : body + size])
        at = body + size
    return b"".join([*kept, section(data)])


def append(path: Path, connectors: Iterable[type[Described]]) -> None:
    """Writes the section into a file."""
    path.write_bytes(with_section(path.read_bytes(), text(connectors).encode()))


def _name(component: bytes, at: int) -> str:
    size, start = _read_leb128(component, at)
    return component[start : start + size].decode(errors="replace")


def _leb128(number: int) -> bytes:
    out = bytearray()
    while True:
        low, number = number & 0x7F, number >> 7
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """The number and where it ends."""
    number = shift = 0
    while True:
        if at >= len(data):
            raise ValueError("the component is truncated")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at
