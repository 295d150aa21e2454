"""What records and offsets may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Scalar = bool | int | float | str | None
"""JSON's scalars, as in the offsets topic."""

Position = Mapping[str, Scalar]
"""A source partition or an offset. The order of its names counts: Kafka stores it as text."""

Value = Any
"""A key, value or header: None, bool, int, float, str or bytes; a list or dict of them travels without a schema."""
