"""What stands on the printed day, in English and Dutch."""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.board.words import Language


class PrintedWords(Struct, frozen=True, kw_only=True):
    """`heads`: the columns of the table, from the left; `boundary`: how a wait is compared with T."""

    title: str
    as_of: str
    heads: tuple[str, ...]
    total: str
    provisional: str
    target: str
    definition: str
    letters: str
    others: str
    nobody: str
    page: Mapping[str, str]


PRINTED: dict[Language, PrintedWords] = {
    "en": PrintedWords(
        title="Day by interval",
        as_of="as of {clock}",
        heads=("Interval", "offered", "answered", "within T", "abandoned", "left", "lost", "level %", "n", "ASA",
               "ab. %", "AHT"),
        total="Day",
        provisional="* provisional: not everybody's call has ended",
        target="target {target} in {threshold} s",
        definition="Service level: {formula}; _T: {boundary} {threshold} s; B_s: abandoned in less than {short} s.",
        letters="A answered, B abandoned, X left the queue otherwise; lost: the source never told the end. "
        "Contacts count in the interval in which they arrived.",
        others="ASA: mean wait of the answered. ab. %: B / (A + B + X). AHT: talk, hold and after-call work.",
        nobody="Nobody has called today, or nothing is known of it.",
        page={"print": "Print", "back": "Back to the board"},
    ),
    "nl": PrintedWords(
        title="Dag per interval",
        as_of="stand van {clock}",
        heads=("Interval", "aangeboden", "beantwoord", "binnen T", "opgehangen", "weg", "zoek", "SL %", "n", "ASA",
               "opg. %", "AHT"),
        total="Dag",
        provisional="* voorlopig: nog niet ieders gesprek is voorbij",
        target="doel {target} in {threshold} s",
        definition="Servicelevel (SL): {formula}; _T: {boundary} {threshold} s; B_s: opgehangen binnen {short} s.",
        letters="A beantwoord, B opgehangen, X anders uit de rij gegaan; zoek: de bron heeft het einde nooit verteld. "
        "Contacten tellen in het interval waarin ze binnenkwamen.",
        others="ASA: gemiddelde wacht van de beantwoorde. opg. %: B / (A + B + X). AHT: gesprek, wachtstand en nawerk.",
        nobody="Vandaag heeft niemand gebeld, of er is niets van bekend.",
        page={"print": "Afdrukken", "back": "Terug naar het bord"},
    ),
}  # fmt: skip
