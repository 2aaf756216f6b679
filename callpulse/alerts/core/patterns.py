"""Patterns of names: `*` stands for anything, every other character for itself."""

from fnmatch import fnmatchcase


def matches(pattern: str, name: str) -> bool:
    """Whether the name is meant."""
    return fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))
