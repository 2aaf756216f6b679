"""What the wall says about taking and muting alerts, in English and Dutch."""

from collections.abc import Mapping

from callpulse.board.words import Language

PAGE: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "take": "Take",
        "mute": "Mute",
        "unmute": "Speak again",
        "mute_title": "Say nothing about {place} for",
        "for_15m": "15 minutes",
        "for_1h": "1 hour",
        "for_day": "the rest of the day",
        "cancel": "Cancel",
        "sending": "sending …",
        "sent": "sent; it shows here when it is done",
        "unconfirmed": "sent, and not confirmed yet: does an alerts worker run?",
        "unreachable": "The wallboard does not answer: nothing has been done.",
        "nothing_to_take": "No alert waits to be taken.",
    },
    "nl": {
        "take": "Pak op",
        "mute": "Stil",
        "unmute": "Weer melden",
        "mute_title": "Niets melden over {place} gedurende",
        "for_15m": "15 minuten",
        "for_1h": "1 uur",
        "for_day": "de rest van de dag",
        "cancel": "Annuleer",
        "sending": "versturen …",
        "sent": "verstuurd; het staat hier zodra het zo is",
        "unconfirmed": "verstuurd, nog niet bevestigd: draait er een worker voor alarmen?",
        "unreachable": "Het bord antwoordt niet: er is niets gedaan.",
        "nothing_to_take": "Er is geen alarm om op te pakken.",
    },
}
NOT_DONE: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "no_alert": "This alert no longer stands.",
        "has_it": "{by} has taken it already.",
        "pattern": "{name} holds a *, which stands for any name: others would be silent too. Nothing has been done.",
        "no_mute": "This mute is not in force.",
        "kafka_away": "Kafka does not answer: nothing has been done. Try again in a moment.",
        "nobody_judges": "No alerts worker runs: nothing has been done, nobody would hear of it.",
        "no_topic": "Kafka knows no topic of commands here: no alerts worker has run yet, or this wallboard lacks the "
        "right to write to it. Nothing has been done.",
        "redis_away": "Redis does not answer: no alert can be seen, nothing has been done.",
        "cannot": "This wallboard only shows.",
        "form": "This cannot be understood. Nothing has been done.",
    },
    "nl": {
        "no_alert": "Dit alarm staat er niet meer.",
        "has_it": "{by} heeft het al opgepakt.",
        "pattern": "In {name} staat een *, dat voor elke naam staat: ook andere zouden stil zijn. Er is niets gedaan.",
        "no_mute": "Deze stilte is er niet.",
        "kafka_away": "Kafka antwoordt niet: er is niets gedaan. Probeer het zo weer.",
        "nobody_judges": "Er draait geen worker voor alarmen: er is niets gedaan, niemand zou het horen.",
        "no_topic": "Kafka kent hier geen topic voor opdrachten: er heeft nog geen worker voor alarmen gedraaid, of "
        "dit bord mag er niet in schrijven. Er is niets gedaan.",
        "redis_away": "Redis antwoordt niet: er is geen alarm te zien, er is niets gedaan.",
        "cannot": "Dit bord toont alleen.",
        "form": "Dit is niet te begrijpen. Er is niets gedaan.",
    },
}
WHY: Mapping[Language, str] = {"en": "asked for on the wall", "nl": "op het bord gevraagd"}
