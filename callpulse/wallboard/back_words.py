"""What is said of an interval that somebody looks back at, in English and Dutch."""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.board.words import Language


class BackWords(Struct, frozen=True, kw_only=True):
    """`counts` (with its letter in the formulas) and `ratios` by KPI id; `causes` by cause of an exit."""

    tally: str
    kpis: str
    formulas: str
    formulas_of_several: str
    contacts: str
    counts: Mapping[str, str]
    ratios: Mapping[str, str]
    causes: Mapping[str, str]
    outcomes: Mapping[str, str]
    own: str
    provisional: str
    final: str
    nothing: str
    no_contacts: str
    unknown: str
    not_there: str
    no_queue: str
    page: Mapping[str, str]


BACK: dict[Language, BackWords] = {
    "en": BackWords(
        tally="Who called",
        kpis="KPIs",
        formulas="Service level by each formula, T = {threshold} s, short: under {short} s",
        formulas_of_several="Service level by each formula, each queue by its own T",
        contacts="Longest waits",
        counts={
            "offered": "offered",
            "answered": "answered (A)",
            "answered_within_t": "of them within T (A_T)",
            "abandoned": "abandoned (B)",
            "abandoned_within_t": "of them within T (B_T)",
            "abandoned_short": "of them short (B_s)",
            "exited": "left the queue (X)",
            "lost": "lost (end unknown)",
            "handled": "handled",
        },
        ratios={"service_level": "Service level", "asa_s": "ASA", "abandonment_rate": "Abandoned", "aht_s": "AHT"},
        causes={
            "timeout": "waited too long",
            "empty": "nobody signed in",
            "key": "by a key",
            "callback": "asked to be called",
            "transfer": "transferred",
            "voicemail": "voicemail",
            "closed": "closed",
            "full": "queue full",
            "other": "other",
        },
        outcomes={"waiting": "waits", "answered": "answered", "abandoned": "abandoned", "exited": "left",
                  "lost": "lost"},
        own="this queue's",
        provisional="provisional: not everybody's call has ended",
        final="by arrival",
        nothing="Nobody called.",
        no_contacts="None of them is among the ten longest of the last half hour; older ones are not kept here.",
        unknown="not known: an older worker wrote it",
        not_there="no interval begins then; there are {first} to {last}",
        no_queue="no queue of that name on this board",
        page={"close": "Close", "before": "Earlier", "after": "Later", "failed": "It could not be read.",
              "opens": "Enter opens, arrows move"},
    ),
    "nl": BackWords(
        tally="Wie belde",
        kpis="KPI's",
        formulas="Servicelevel naar elke formule, T = {threshold} s, kort: onder {short} s",
        formulas_of_several="Servicelevel naar elke formule, elke rij naar haar eigen T",
        contacts="Langst gewacht",
        counts={
            "offered": "aangeboden",
            "answered": "beantwoord (A)",
            "answered_within_t": "daarvan binnen T (A_T)",
            "abandoned": "opgehangen (B)",
            "abandoned_within_t": "daarvan binnen T (B_T)",
            "abandoned_short": "daarvan kort (B_s)",
            "exited": "uit de rij gegaan (X)",
            "lost": "zoek (einde onbekend)",
            "handled": "afgehandeld",
        },
        ratios={"service_level": "Servicelevel", "asa_s": "ASA", "abandonment_rate": "Opgehangen", "aht_s": "AHT"},
        causes={
            "timeout": "te lang gewacht",
            "empty": "niemand aangemeld",
            "key": "met een toets",
            "callback": "wil teruggebeld worden",
            "transfer": "doorverbonden",
            "voicemail": "voicemail",
            "closed": "gesloten",
            "full": "rij vol",
            "other": "anders",
        },
        outcomes={"waiting": "wacht", "answered": "beantwoord", "abandoned": "opgehangen", "exited": "weg",
                  "lost": "zoek"},
        own="van deze rij",
        provisional="voorlopig: nog niet ieders gesprek is voorbij",
        final="naar aankomst",
        nothing="Niemand belde.",
        no_contacts="Niemand van hen hoort bij de tien langste van het laatste half uur; oudere blijven hier niet.",
        unknown="onbekend: een oudere worker schreef dit",
        not_there="dan begint geen interval; er zijn er van {first} tot en met {last}",
        no_queue="geen wachtrij met die naam op dit bord",
        page={"close": "Sluiten", "before": "Eerder", "after": "Later", "failed": "Het kon niet worden gelezen.",
              "opens": "Enter opent, pijltjes gaan verder"},
    ),
}  # fmt: skip
