"""The guards of the transport by name, and how to take each one away in a worker."""

from collections.abc import Callable

WITHOUT: dict[str, Callable[[], None]] = {}
