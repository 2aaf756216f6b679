"""What programs can ask of the wallboard, as OpenAPI has it: made from the types of the answers."""

from importlib import metadata
from typing import Any

import msgspec
from msgspec import Struct

from callpulse.board.as_values import BoardValues
from callpulse.settings.wallboard import Role
from callpulse.wallboard import looking_back
from callpulse.wallboard.acting import Muting, Sent, Taking, Unmuting
from callpulse.wallboard.desk_answers import PATH as QUEUE_PATH
from callpulse.wallboard.desk_shown import Desk
from callpulse.wallboard.looking_back import BackAnswer
from callpulse.wallboard.preview import Preview
from callpulse.wallboard.printed import Printed
from callpulse.wallboard.shown import Wall

REFERENCE = "#/components/schemas/{name}"


class BoardName(Struct, frozen=True, omit_defaults=True):
    """A board that there is; `boards`: of a rotation, those it shows in turn, each for `every_ms`."""

    name: str
    title: str
    boards: tuple[str, ...] = ()
    every_ms: int = 0


class Me(Struct, frozen=True):
    """Who asks; `name` "": nobody knows, who may see."""

    name: str
    role: Role


class BoardAnswer(Struct, frozen=True, kw_only=True):
    """A board now: `figures` as numbers, with the names of `callpulse top --json` and `check --json`; `wall` as text,
    ready for eyes, in one language. `now_ms`: the server's clock; `version`: of the process."""

    figures: BoardValues
    wall: Wall
    now_ms: int
    cadence_ms: int
    ttl_ms: int
    version: str


NOT_DONE = {
    "400": "Not understood", "404": "Not there", "408": "The body did not come", "413": "The body is too long",
    "501": "This wallboard only shows", "503": "Nothing has been done",
}  # fmt: skip
ANSWERS = (list[BoardName], list[Preview], BoardAnswer, BackAnswer, Printed, Desk, Me, Taking, Muting, Unmuting, Sent)


def _parameter(name: str, place: str, schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema}


LANGUAGE = _parameter("lang", "query", {"type": "string", "enum": ["en", "nl"]}, required=False)


def document() -> dict[str, Any]:
    """The whole of it."""
    schemas, components = msgspec.json.schema_components(ANSWERS, ref_template=REFERENCE)
    of = dict(zip(ANSWERS, schemas, strict=True))
    board, queue, start = (_parameter(name, "path", {"type": "string"}) for name in ("name", "queue", "start"))
    day = [board, queue, start]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "callpulse wallboard",
            "version": metadata.version("callpulse"),
            "description": "Times in `…_ms` are ms UTC, those in words RFC 3339; shares are 0 to 1. What has its "
            "default is left out of `wall`.",
        },
        "security": [{"key": []}, {}],
        "paths": {
            "/api/boards": {"get": _read("Every board", of[list[BoardName]])},
            "/api/previews": {"get": _read("A line of each board that can be shown now", of[list[Preview]], LANGUAGE)},
            "/api/boards/{name}": {"get": _read("A board as it is now", of[BoardAnswer], board, LANGUAGE)},
            "/api/boards/{name}/text": {"get": _text("The state of a board as text, for a chat", board, LANGUAGE)},
            looking_back.PATH: {
                "get": _read("An interval of the day, by its start (ms)", of[BackAnswer], *day, LANGUAGE)
            },
            looking_back.TOTAL_PATH: {
                "get": _read("The same of all queues of the board", of[BackAnswer], board, start, LANGUAGE)
            },
            looking_back.DAY_PATH: {"get": _read("Today by interval, as it is printed", of[Printed], board, LANGUAGE)},
            QUEUE_PATH: {"get": _read("A queue of a supervisor's board", of[Desk], board, queue, LANGUAGE)},
            "/api/me": {"get": _read("Who asks, and what they may do", of[Me])},
            "/api/alerts/{id}/ack": {"post": _act("Take an alert", of[Taking], of[Sent], "Somebody has it")},
            "/api/alerts/{id}/mute": {
                "post": _act("Mute the queue of an alert", of[Muting], of[Sent], "Its name holds a *")
            },
            "/api/mutes/{id}/unmute": {"post": _act("End a mute", of[Unmuting], of[Sent])},
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key of the wallboard"}},
        },
    }


def _read(summary: str, schema: Any, *parameters: dict[str, Any]) -> dict[str, Any]:
    return _operation(summary, {"200": _answer("As it is now", "application/json", schema)}, *parameters)


def _text(summary: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return _operation(summary, {"200": _answer("As it is now", "text/plain", {"type": "string"})}, *parameters)


def _act(summary: str, asked: Any, sent: Any, conflict: str = "") -> dict[str, Any]:
    """Needs the role supervisor. What it leads to is shown when the alerts worker has done it. `conflict`: when it is
    answered 409, "" where it never is."""
    why = {**NOT_DONE, **({"409": conflict} if conflict else {})}
    answers = {
        "202": _answer("Kafka has it", "application/json", sent),
        **{code: _said(text) for code, text in why.items()},
    }
    found = _operation(summary, answers, _parameter("id", "path", {"type": "string"}), LANGUAGE)
    return {**found, "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}}}


def _operation(summary: str, answers: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    refused = {"401": _said("Not let in"), "403": _said("Not allowed")}
    return {"summary": summary, "parameters": [*parameters], "responses": {**answers, **refused}}


def _answer(said: str, kind: str, schema: Any) -> dict[str, Any]:
    return {"description": said, "content": {kind: {"schema": schema}}}


def _said(text: str) -> dict[str, Any]:
    return _answer(text, "text/plain", {"type": "string"})
