"""The words on the wall, in English and Dutch."""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.board.words import Language
from callpulse.wallboard.definitions import DEFINITIONS, SHORT


class Words(Struct, frozen=True, kw_only=True):
    """One language. `heads`: column -> words, and unit. `page`: what the page says by itself."""

    decimal: str
    tiles: Mapping[str, str]
    short: Mapping[str, str]
    definitions: Mapping[str, str]
    heads: Mapping[str, tuple[str, str]]
    page: Mapping[str, str]
    months: tuple[str, ...]
    minutes: str
    today: str
    no_calls_today: str
    live: str
    longest: str
    occupancy: str
    target: str
    unless_shown: str
    target_level: str
    target_wait: str
    moved: str
    steady: str
    no_calls: str
    no_data: str
    no_data_since: str
    no_group: str
    silent_since: str
    left_out: tuple[str, str]
    total: str
    of_queues: str
    data_old: str
    no_data_yet: str
    all_calm: str
    not_known: str
    nothing_of_now: str
    nothing_of_any: str
    nothing_of: str
    last: str
    no_alerts_worker: str
    since: str
    taken: str
    not_told: str
    whole_site: str
    muted: str
    everything: str
    away: str
    away_unseen: str
    all_muted: str
    unread: str
    agents: str
    signed_in: str
    no_agents: str
    interval: str
    of_arrivals: str
    met: str
    needed: str
    nothing_yet: str
    day: str
    said_spark: str
    said_waits: str


EN = Words(
    decimal=".",
    tiles={
        "service_level": "Service level",
        "asa_s": "Avg wait (ASA)",
        "abandonment_rate": "Abandoned",
        "contacts_waiting": "Waiting now",
        "aht_s": "Handle time (AHT)",
    },
    short=SHORT["en"],
    definitions=DEFINITIONS["en"],
    heads={
        "state": ("State", ""),
        "queue": ("Queue", ""),
        "waiting": ("Waiting", ""),
        "longest": ("Longest", "m:ss"),
        "level": ("Service level", "% · n, 15 min"),
        "live": ("live", "%"),
        "asa": ("ASA", "s"),
        "abandoned": ("Aband.", "%"),
        "waits": ("Wait: P50 P90 max", "0 – 10 min"),
        "free": ("Agents", "free / on"),
        "day": ("Today", "service level by interval"),
    },
    page={
        "disconnected": "DISCONNECTED",
        "since": "since",
        "trying": "trying again",
        "more": "{n} more",
        "sheet": "sheet {n} of {all}",
        "board": "board {n} of {all}",
        "muted": "muted",
        "now": "now",
        "ago": "−{n} min",
        "silent": "silent since {clock}",
    },
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    minutes="15 min",
    today="today",
    no_calls_today="no calls today",
    live="live, now",
    longest="longest, m:ss",
    occupancy="occupancy",
    target="target {target}",
    unless_shown="{target} unless shown",
    target_level="≥ {level} % in {threshold} s",
    target_wait="longest ≤ {wait}",
    moved="{arrow} {by} in 15 min",
    steady="unchanged in 15 min",
    no_calls="no calls in 15 min",
    no_data="NO DATA",
    no_data_since="NO DATA SINCE {clock}",
    no_group="NO DATA: the worker has no group {group}",
    silent_since="SOURCE SILENT SINCE {clock}",
    left_out=("{age} · nobody knows who waits", " · totals: what came before"),
    total="Total",
    of_queues="{known} of {all} queues",
    data_old="data {age} old",
    no_data_yet="no data yet",
    all_calm="No alert stands",
    not_known="Nobody knows whether an alert stands: {why}",
    nothing_of_now="nothing is known of now",
    nothing_of_any="nothing is known of any queue",
    nothing_of="nothing is known of {count} of {all} queues",
    last="last: {place} {onset}–{end}, {fact}",
    no_alerts_worker="Nobody watches: no alerts worker runs",
    since="since {clock}",
    taken="taken: {by} {clock}",
    not_told="shown only",
    whole_site="The whole site",
    muted="{what} muted until {clock} by {by}",
    everything="everything",
    away="does not answer since {clock}: picture from then, trying again",
    away_unseen="does not answer: nothing has been seen yet, trying again",
    all_muted="MUTED",
    unread="{count} alerts that only another version of callpulse can read",
    agents="Agents by state",
    signed_in="{count} signed in",
    no_agents="no agent's state is known",
    interval="Interval and day",
    of_arrivals="service level of arrivals",
    met="{count} more misses fit",
    needed="the next {count} in time bring it back",
    nothing_yet="nobody called yet",
    day="day {level} % · n {n}",
    said_spark="{now}, was {was} half an hour ago, target {target}",
    said_waits="half within {p50} s, nine of ten within {p90} s, longest {longest} s, T {threshold} s",
)

NL = Words(
    decimal=",",
    tiles={
        "service_level": "Servicelevel",
        "asa_s": "Gem. wacht (ASA)",
        "abandonment_rate": "Opgehangen",
        "contacts_waiting": "Nu wachtend",
        "aht_s": "Afhandeltijd (AHT)",
    },
    short=SHORT["nl"],
    definitions=DEFINITIONS["nl"],
    heads={
        "state": ("Status", ""),
        "queue": ("Wachtrij", ""),
        "waiting": ("Wachtend", ""),
        "longest": ("Langst", "m:ss"),
        "level": ("Servicelevel", "% · n, 15 min"),
        "live": ("live", "%"),
        "asa": ("ASA", "s"),
        "abandoned": ("Opgeh.", "%"),
        "waits": ("Wacht: P50 P90 max", "0 – 10 min"),
        "free": ("Agenten", "vrij / aan"),
        "day": ("Vandaag", "servicelevel per interval"),
    },
    page={
        "disconnected": "GEEN VERBINDING",
        "since": "sinds",
        "trying": "probeert opnieuw",
        "more": "nog {n}",
        "sheet": "blad {n} van {all}",
        "board": "bord {n} van {all}",
        "muted": "geluid uit",
        "now": "nu",
        "ago": "−{n} min",
        "silent": "stil sinds {clock}",
    },
    months=("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    minutes="15 min",
    today="vandaag",
    no_calls_today="geen gesprekken vandaag",
    live="live, nu",
    longest="langst, m:ss",
    occupancy="bezetting",
    target="doel {target}",
    unless_shown="{target} tenzij vermeld",
    target_level="≥ {level} % in {threshold} s",
    target_wait="langst ≤ {wait}",
    moved="{arrow} {by} in 15 min",
    steady="gelijk in 15 min",
    no_calls="geen gesprekken in 15 min",
    no_data="GEEN DATA",
    no_data_since="GEEN DATA SINDS {clock}",
    no_group="GEEN DATA: de worker kent groep {group} niet",
    silent_since="BRON STIL SINDS {clock}",
    left_out=("{age} · niemand weet wie er wacht", " · totalen: wat daarvoor kwam"),
    total="Totaal",
    of_queues="{known} van {all} rijen",
    data_old="data {age} oud",
    no_data_yet="nog geen data",
    all_calm="Er staat geen alarm",
    not_known="Niemand weet of er een alarm staat: {why}",
    nothing_of_now="van nu is niets bekend",
    nothing_of_any="van geen rij is iets bekend",
    nothing_of="van {count} van {all} rijen is niets bekend",
    last="laatste: {place} {onset}–{end}, {fact}",
    no_alerts_worker="Niemand kijkt: er draait geen worker voor alarmen",
    since="sinds {clock}",
    taken="opgepakt: {by} {clock}",
    not_told="alleen getoond",
    whole_site="De hele site",
    muted="{what} stil tot {clock} door {by}",
    everything="alles",
    away="antwoordt niet sinds {clock}: beeld van toen, probeert opnieuw",
    away_unseen="antwoordt niet: er is nog niets gezien, probeert opnieuw",
    all_muted="STIL",
    unread="{count} alarmen die alleen een andere versie van callpulse kan lezen",
    agents="Agenten per status",
    signed_in="{count} aangemeld",
    no_agents="van geen agent is de status bekend",
    interval="Interval en dag",
    of_arrivals="servicelevel naar aankomst",
    met="nog {count} mogen te laat",
    needed="de volgende {count} op tijd halen het terug",
    nothing_yet="nog niemand belde",
    day="dag {level} % · n {n}",
    said_spark="{now}, een half uur geleden {was}, doel {target}",
    said_waits="de helft binnen {p50} s, negen van tien binnen {p90} s, langst {longest} s, T {threshold} s",
)

LANGUAGES: dict[Language, Words] = {"en": EN, "nl": NL}
