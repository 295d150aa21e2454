"""What a connector answers when it is asked about itself or its settings."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class KeyReport:
    """What `validate` has to say of one key: Connect's ConfigValue."""

    name: str
    errors: list[str] = field(default_factory=list)
    recommended_values: list[str] = field(default_factory=list)
    visible: bool = True


@dataclass
class Checkup:
    """Answer to "is all well?"."""

    reconfigure_tasks: bool = False
    again_after_ms: int | None = None
