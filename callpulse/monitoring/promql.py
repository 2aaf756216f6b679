"""Pieces of PromQL."""

import json
import re
from collections.abc import Iterable


def quoted(text: str) -> str:
    """A string in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def any_of(names: Iterable[str]) -> str:
    """A quoted regular expression for these names and nothing else. Without names it is that of the empty name."""
    return quoted("|".join(map(re.escape, names)))


def any_like(patterns: Iterable[str]) -> str:
    """The same of patterns, in which `*` stands for anything."""
    return quoted("|".join(re.escape(pattern).replace(r"\*", ".*") for pattern in patterns))


def duration(ms: int) -> str:
    """As Prometheus writes it; "" for none."""
    return f"{ms}ms" if ms % 1000 else f"{ms // 1000}s" if ms % 60_000 else f"{ms // 60_000}m" if ms else ""
