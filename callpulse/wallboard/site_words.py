"""The words of an overview of sites, in English and Dutch."""

from msgspec import Struct

from callpulse.board.words import Language


class SiteWords(Struct, frozen=True, kw_only=True):
    """`queues`, `stand`: of one, and of several. `all`: whom trouble of the whole installation concerns."""

    site: str
    alerts: str
    all: str
    outside: str
    queues: tuple[str, str]
    stand: tuple[str, str]


SITES: dict[Language, SiteWords] = {
    "en": SiteWords(
        site="Site",
        alerts="Alerts",
        all="All sites",
        outside="{count} of no site",
        queues=("{count} queue", "{count} queues"),
        stand=("{count} alert", "{count} alerts"),
    ),
    "nl": SiteWords(
        site="Locatie",
        alerts="Alarmen",
        all="Alle locaties",
        outside="{count} van geen locatie",
        queues=("{count} rij", "{count} rijen"),
        stand=("{count} alarm", "{count} alarmen"),
    ),
}
