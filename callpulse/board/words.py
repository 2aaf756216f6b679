"""What every board calls a state of a queue or of an agent, in English and Dutch."""

from typing import Literal

from callpulse.board.row import State

Language = Literal["en", "nl"]

STATES: dict[Language, dict[State, str]] = {
    "en": {
        State.ACT: "ACT",
        State.WATCH: "WATCH",
        State.BLIND: "BLIND",
        State.NO_DATA: "NO DATA",
        State.STALE: "STALE",
        State.OK: "OK",
        State.CLOSED: "CLOSED",
    },
    "nl": {
        State.ACT: "ACTIE",
        State.WATCH: "LET OP",
        State.BLIND: "BLIND",
        State.NO_DATA: "GEEN DATA",
        State.STALE: "VEROUDERD",
        State.OK: "OK",
        State.CLOSED: "GESLOTEN",
    },
}
AGENTS: dict[Language, dict[str, str]] = {
    "en": {
        "ready": "ready",
        "ringing": "ringing",
        "talking": "talking",
        "hold": "hold",
        "wrapup": "wrap-up",
        "not_ready": "not ready",
    },
    "nl": {
        "ready": "gereed",
        "ringing": "gaat over",
        "talking": "gesprek",
        "hold": "in wacht",
        "wrapup": "nawerk",
        "not_ready": "niet gereed",
    },
}
DAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "nl": ("ma", "di", "wo", "do", "vr", "za", "zo"),
}
