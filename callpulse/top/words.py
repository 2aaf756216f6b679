"""The words on the board, in English and Dutch."""

from msgspec import Struct

from callpulse.board.row import State
from callpulse.board.words import AGENTS, STATES, Language

SHAPES: dict[State, str] = {
    State.ACT: "■",
    State.WATCH: "▲",
    State.BLIND: "◌",
    State.NO_DATA: "◌",
    State.STALE: "◌",
    State.OK: "●",
    State.CLOSED: "▬",
}


class Words(Struct, frozen=True):
    """One language. `heads`: column, with its long and its short head."""

    language: Language
    states: dict[State, str]
    heads: dict[str, tuple[str, str]]
    data_old: str
    no_data_at_all: str
    no_data_since: str
    no_data: str
    silent_since: str
    total: str
    of_queues: str
    legend: str
    away: str
    more: str
    forgotten: str
    no_queues: str
    other_sites: str
    leave: str
    wall: str
    decimal: str
    whole_site: str
    since: str
    taken: str
    not_told: str
    more_alerts: str
    no_alert: str
    no_alerts_worker: str
    unread: str
    muted: str
    of_rule: str
    of_queue: str


EN = Words(
    language="en",
    states=STATES["en"],
    heads={
        "state": ("state", ""),
        "queue": ("queue", "queue"),
        "waiting": ("waiting", "wait"),
        "longest": ("longest", "long."),
        "level": ("service level %", "SL%"),
        "n": ("n", "n"),
        "live": ("live %", "live"),
        "day": ("day %", "day%"),
        "day_n": ("n", "n"),
        "asa": ("ASA s", "ASA"),
        "p90": ("P90 s", "p90"),
        "abandonment": ("abandoned %", "ab.%"),
        "answered": ("answ./offered", "ans/off"),
        "free": ("free/signed in", "free"),
        "ready": (AGENTS["en"]["ready"], "rdy"),
        "ringing": (AGENTS["en"]["ringing"], "ring"),
        "talking": (AGENTS["en"]["talking"], "talk"),
        "hold": (AGENTS["en"]["hold"], "hold"),
        "wrapup": (AGENTS["en"]["wrapup"], "wrap"),
        "not_ready": (AGENTS["en"]["not_ready"], "off"),
        "age": ("data age", "age"),
    },
    data_old="data {clock}, {age} old",
    no_data_at_all="no data yet",
    no_data_since="NO DATA SINCE {clock}",
    no_data="NO DATA",
    silent_since="SOURCE SILENT SINCE {clock}",
    total="total",
    of_queues="{known} of {all} queues",
    legend="last 15 min, target {level} % in {threshold} s unless shown",
    away="REDIS DOES NOT ANSWER since {clock}: picture from then, trying again",
    more="{count} more: {states}",
    forgotten="{count} without data for more than a day",
    no_queues="No queue has been seen yet. Is a worker running, and does it serve this site?",
    other_sites="CALLPULSE_SITE_NAME chooses the site; this Redis has: {sites}",
    leave="Ctrl-C leaves",
    wall="the wall in a browser: {url}",
    decimal=".",
    whole_site="the whole site",
    since="since {clock}",
    taken="taken by {by}",
    not_told="shown only",
    more_alerts="{count} more: {queues}",
    no_alert="no alert stands",
    no_alerts_worker="no alerts worker",
    unread="{count} alerts that only another version of callpulse can read",
    muted="muted until {clock} by {by}: {what}",
    of_rule="rule {rule}",
    of_queue="queue {queue}",
)

NL = Words(
    language="nl",
    states=STATES["nl"],
    heads={
        "state": ("status", ""),
        "queue": ("wachtrij", "wachtrij"),
        "waiting": ("wachtend", "wacht"),
        "longest": ("langst", "langst"),
        "level": ("servicelevel %", "SL%"),
        "n": ("n", "n"),
        "live": ("live %", "live"),
        "day": ("dag %", "dag%"),
        "day_n": ("n", "n"),
        "asa": ("ASA s", "ASA"),
        "p90": ("P90 s", "p90"),
        "abandonment": ("opgehangen %", "op.%"),
        "answered": ("beantw./aanb.", "b/aanb"),
        "free": ("vrij/aanwezig", "vrij"),
        "ready": (AGENTS["nl"]["ready"], "ger"),
        "ringing": (AGENTS["nl"]["ringing"], "bel"),
        "talking": (AGENTS["nl"]["talking"], "gesp"),
        "hold": (AGENTS["nl"]["hold"], "wcht"),
        "wrapup": (AGENTS["nl"]["wrapup"], "naw"),
        "not_ready": (AGENTS["nl"]["not_ready"], "niet"),
        "age": ("leeftijd", "oud"),
    },
    data_old="data {clock}, {age} oud",
    no_data_at_all="nog geen data",
    no_data_since="GEEN DATA SINDS {clock}",
    no_data="GEEN DATA",
    silent_since="BRON STIL SINDS {clock}",
    total="totaal",
    of_queues="{known} van {all} rijen",
    legend="laatste 15 min, doel {level} % in {threshold} s tenzij vermeld",
    away="REDIS ANTWOORDT NIET sinds {clock}: beeld van toen, probeert opnieuw",
    more="nog {count}: {states}",
    forgotten="{count} langer dan een dag zonder data",
    no_queues="Nog geen wachtrij gezien. Draait er een worker, en bedient die deze site?",
    other_sites="CALLPULSE_SITE_NAME kiest de site; deze Redis heeft: {sites}",
    leave="Ctrl-C stopt",
    wall="het bord in een browser: {url}",
    decimal=",",
    whole_site="de hele site",
    since="sinds {clock}",
    taken="opgepakt door {by}",
    not_told="alleen getoond",
    more_alerts="nog {count}: {queues}",
    no_alert="er staat geen alarm",
    no_alerts_worker="geen worker voor alarmen",
    unread="{count} alarmen die alleen een andere versie van callpulse kan lezen",
    muted="stil tot {clock} door {by}: {what}",
    of_rule="regel {rule}",
    of_queue="wachtrij {queue}",
)

LANGUAGES: dict[Language, Words] = {"en": EN, "nl": NL}
