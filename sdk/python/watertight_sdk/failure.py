"""How a connector says that something went wrong."""

from __future__ import annotations


class Failure(Exception):
    """A message to a person and an instruction to the worker.

    Any other exception is a failure too: its class is the code, its text the message, and it is not retried.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "failed",
        retriable: bool = False,
        retry_after_ms: int | None = None,
    ) -> None:
        """`config`, `data`, `timeout`, `unavailable` and `unsupported` are codes that the worker knows."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.retriable = retriable
        self.retry_after_ms = retry_after_ms

    @classmethod
    def config(cls, message: str) -> Failure:
        """Somebody has to mend a setting."""
        return cls(message, code="config")

    @classmethod
    def data(cls, message: str) -> Failure:
        """A record cannot be what it should be."""
        return cls(message, code="data")

    @classmethod
    def unavailable(cls, message: str, retry_after_ms: int | None = None) -> Failure:
        """The other system does not answer now; the same call is made again."""
        return cls(message, code="unavailable", retriable=True, retry_after_ms=retry_after_ms)
