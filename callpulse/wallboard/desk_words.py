"""The words of the supervisor's board, in English and Dutch."""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.board.words import Language


class DeskWords(Struct, frozen=True, kw_only=True):
    """`outcomes`: of a contact, by their name in Redis. Columns from the left."""

    figures: Mapping[str, str]
    target: str
    intervals: str
    arrived: tuple[str, ...]
    ledger: str
    no_intervals: str
    worst: str
    contacts: tuple[str, ...]
    half_hour: str
    no_waits: str
    outcomes: Mapping[str, str]
    agents: tuple[str, ...]
    happened: str
    newest: str
    events: tuple[str, ...]
    over: str


PAGE: dict[Language, dict[str, str]] = {
    "en": {
        "queues": "Queues",
        "worst_first": "worst first",
        "desk_keys": "arrow keys choose, Esc: the worst again",
        "day_level": "Service level by interval of arrival",
    },
    "nl": {
        "queues": "Wachtrijen",
        "worst_first": "slechtste eerst",
        "desk_keys": "pijltjes kiezen, Esc: weer de slechtste",
        "day_level": "Servicelevel per interval van aankomst",
    },
}

DESK: dict[Language, DeskWords] = {
    "en": DeskWords(
        figures={
            "service_level": "Service level",
            "service_level_live": "Live, now",
            "asa_s": "ASA",
            "abandonment_rate": "Abandoned",
            "contacts_waiting": "Waiting now",
            "longest_wait_s": "Longest wait",
            "aht_s": "AHT",
            "occupancy": "Occupancy",
        },
        target="target {target}",
        intervals="Intervals of arrival",
        arrived=(
            "arrived", "offered", "answered", "in {t} s", "abandoned", "left", "lost", "waiting", "level",
            "of answered", "ASA", "aband.", "AHT",
        ),
        ledger="* provisional · offered = answered + abandoned + left + lost + waiting · residual {rest}",
        no_intervals="nobody called yet",
        worst="Longest waits",
        contacts=("contact", "wait", "outcome", "queued"),
        half_hour="last 30 min",
        no_waits="nobody has waited",
        outcomes={
            "waiting": "waiting now", "answered": "answered", "abandoned": "abandoned", "exited": "left the queue",
            "lost": "not known",
        },
        agents=("agent", "state · reason", "for"),
        happened="What happened",
        newest="newest first",
        events=("at", "state", "queue"),
        over="OVER",
    ),
    "nl": DeskWords(
        figures={
            "service_level": "Servicelevel",
            "service_level_live": "Live, nu",
            "asa_s": "ASA",
            "abandonment_rate": "Opgehangen",
            "contacts_waiting": "Nu wachtend",
            "longest_wait_s": "Langste wacht",
            "aht_s": "AHT",
            "occupancy": "Bezetting",
        },
        target="doel {target}",
        intervals="Intervallen van aankomst",
        arrived=(
            "aankomst", "aanbod", "beantw.", "in {t} s", "opgeh.", "vertrok", "kwijt", "wacht", "SL",
            "van beantw.", "ASA", "opgeh.", "AHT",
        ),
        ledger="* voorlopig · aanbod = beantwoord + opgehangen + vertrokken + kwijt + wachtend · rest {rest}",
        no_intervals="nog niemand belde",
        worst="Langste wachttijden",
        contacts=("contact", "wacht", "uitkomst", "in de rij"),
        half_hour="laatste 30 min",
        no_waits="niemand heeft gewacht",
        outcomes={
            "waiting": "wacht nu", "answered": "beantwoord", "abandoned": "opgehangen", "exited": "uit de rij",
            "lost": "onbekend",
        },
        agents=("agent", "status · reden", "sinds"),
        happened="Wat er gebeurde",
        newest="nieuwste eerst",
        events=("om", "status", "wachtrij"),
        over="OVER",
    ),
}  # fmt: skip
