"""A connector's settings, with defaults and Kafka's words for what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .catalogue import ConfigKey
from .failure import Failure

_NOT_A_NUMBER = "Not a number of type {}"


class Config(Mapping[str, str]):
    """The settings as they were written. Look keys up by name, or by declaration for defaults and types."""

    def __init__(self, settings: Mapping[str, str] | None = None, secrets: Iterable[str] = ()) -> None:
        """Values of `secrets` are references, never the plain text."""
        self._settings = dict(settings or {})
        self.secrets = frozenset(secrets)

    def __getitem__(self, name: str) -> str:
        """As written, without defaults."""
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        """Names in their order."""
        return iter(self._settings)

    def __len__(self) -> int:
        """How many settings there are."""
        return len(self._settings)

    def with_value(self, name: str, value: str) -> Config:
        """The same with one setting replaced or added: how a connector tells its tasks apart."""
        return Config({**self._settings, name: value}, self.secrets - {name})

    def optional(self, key: ConfigKey) -> str | None:
        """Text, or the key's default, or nothing."""
        return self._settings.get(key.name, key.default)

    def text(self, key: ConfigKey) -> str:
        """Text; a failure if there is neither value nor default."""
        value = self.optional(key)
        if value is None:
            raise Failure.config(f'Missing required configuration "{key.name}" which has no default value.')
        return value

    def integer(self, key: ConfigKey) -> int:
        """INT, SHORT or LONG."""
        text = self.text(key).strip()
        try:
            return int(text)
        except ValueError:
            raise _invalid(key, text, _NOT_A_NUMBER.format(key.kind.value)) from None

    def number(self, key: ConfigKey) -> float:
        """DOUBLE."""
        text = self.text(key).strip()
        try:
            return float(text)
        except ValueError:
            raise _invalid(key, text, _NOT_A_NUMBER.format(key.kind.value)) from None

    def boolean(self, key: ConfigKey) -> bool:
        """`true` or `false`, in any case."""
        text = self.text(key).strip().lower()
        if text not in ("true", "false"):
            raise _invalid(key, text, "Expected value to be either true or false")
        return text == "true"

    def items_of(self, key: ConfigKey) -> list[str]:
        """LIST: what stands between the commas."""
        text = (self.optional(key) or "").strip()
        return [item.strip() for item in text.split(",")] if text else []


def _invalid(key: ConfigKey, value: str, why: str) -> Failure:
    return Failure.config(f"Invalid value {value} for configuration {key.name}: {why}")
