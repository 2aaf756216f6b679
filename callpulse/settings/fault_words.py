"""What msgspec says of a value, in the words of whoever writes settings."""

import re
from collections.abc import Sequence
from typing import Any

KINDS = {
    "int": "a whole number", "float": "a number", "str": "text in quotes", "bool": "true or false",
    "object": "a table", "array": "a list", "date": "a date such as 2026-12-25", "datetime": "a date with a time",
    "time": "a time",
}  # fmt: skip


def in_words(text: str, schema: Any, path: Sequence[str] = ()) -> str:
    """`text`, a complaint of msgspec about what stands at `path`, without a programmer's word. `schema`: JSON schema
    of what is accepted."""
    return _plainly(_described(_with_choices(text, path, schema), schema))


def _described(text: str, schema: Any) -> str:
    """Every pattern by the description that the schema has of it."""
    text = text.replace("invalid RFC3339 encoded date", "expected a date such as 2026-12-25")
    if isinstance(schema, dict):
        if {"pattern", "description"} <= schema.keys():
            text = text.replace(f"`str` matching regex {schema['pattern']!r}", schema["description"])
        schema = list(schema.values())
    for part in schema if isinstance(schema, list) else ():
        text = _described(text, part)
    return text


def _plainly(text: str) -> str:
    """Types by the names that people have for them; that a key may be left out goes without saying."""
    text = re.sub(r"object missing required field `(\w+)`", r"\1 is missing", text)
    return re.sub(r"`([a-z]+(?: \| [a-z]+)*)`", lambda types: _types(types[1].split(" | ")), text)


def _types(names: Sequence[str]) -> str:
    given = [name for name in names if name != "null"] if len(names) > 1 else names
    if not all(name in KINDS for name in given):
        return f"`{' | '.join(names)}`"
    return " or ".join(KINDS[name] for name in given)


def _with_choices(said: str, path: Sequence[str], schema: dict[str, Any]) -> str:
    """What may stand there, where only some words may."""
    if "invalid enum value" not in said:
        return said
    nodes = _meant(schema, schema)
    for name in path:
        nodes = [found for node in nodes for below in _below(node, name) for found in _meant(below, schema)]
    choices = ", ".join(str(each) for node in nodes for each in node.get("enum", ()))
    return re.sub("invalid enum value.*", f"expected one of {choices}", said, flags=re.DOTALL)


def _meant(node: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The node itself, or what it refers to."""
    if "$ref" in node:
        return _meant(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    return [found for each in node["anyOf"] for found in _meant(each, schema)] if "anyOf" in node else [node]


def _below(node: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = (node.get("properties", {}).get(name), node.get("additionalProperties"), node.get("items"))
    return [each for each in found if isinstance(each, dict)][:1]
