"""Whether a value is what a JSON schema says: the part of JSON Schema 2020-12 that msgspec writes."""

from collections.abc import Iterator
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
KNOWN = {
    "$ref", "anyOf", "type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems",
    "minItems", "maxItems", "default", "title", "description",
}  # fmt: skip


def complaints(value: Any, schema: Any, document: Any, at: str = "$") -> Iterator[str]:
    """Every place that is something else."""
    if schema is False:
        yield f"{at}: not expected"
    if isinstance(schema, bool):
        return
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        found = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        yield from complaints(value, found, document, at)
    if "anyOf" in schema and all(any(complaints(value, each, document, at)) for each in schema["anyOf"]):
        yield f"{at}: none of what may stand there: {value!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "type" in schema:
        yield from _of_type(value, schema, document, at)


def _of_type(value: Any, schema: Any, document: Any, at: str) -> Iterator[str]:
    kind = schema["type"]
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{at}: {value!r} is no {kind}"
    elif kind == "object":
        yield from (f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, each in value.items():
            of = schema.get("properties", {}).get(name, schema.get("additionalProperties", False))
            yield from complaints(each, of, document, f"{at}.{name}")
    elif kind == "array":
        first = schema.get("prefixItems", [])
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: {len(value)} of them"
        for place, each in enumerate(value):
            of = first[place] if place < len(first) else schema.get("items", True)
            yield from complaints(each, of, document, f"{at}[{place}]")
