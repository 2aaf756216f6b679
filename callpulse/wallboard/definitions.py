"""What the figure of each tile is: in a sentence, and in a word where there is no room for its name."""

from collections.abc import Mapping

from callpulse.board.words import Language

DEFINITIONS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "service_level": "Answered within T, of all that were answered, abandoned or left the queue in the last "
        "15 minutes. Live: those who have waited past T count as missed at once.",
        "asa_s": "Average speed of answer: the mean wait of those answered in the last 15 minutes.",
        "abandonment_rate": "Those who hung up, of all whose wait ended in the last 15 minutes.",
        "contacts_waiting": "Contacts in a queue at this moment, and how long the first of them has waited.",
        "aht_s": "Average handle time: talk, hold and after-call work of those handled in the last 15 minutes.",
    },
    "nl": {
        "service_level": "Binnen T beantwoord, van allen die in de laatste 15 minuten zijn beantwoord, opgehangen of "
        "uit de rij gegaan. Live: wie langer dan T wacht telt meteen als gemist.",
        "asa_s": "Gemiddelde wachttijd van wie in de laatste 15 minuten is beantwoord.",
        "abandonment_rate": "Wie ophing, van allen van wie het wachten in de laatste 15 minuten eindigde.",
        "contacts_waiting": "Contacten die nu in een rij staan, en hoe lang de eerste al wacht.",
        "aht_s": "Gemiddelde afhandeltijd: gesprek, wachtstand en nawerk van wie in de laatste 15 minuten is geholpen.",
    },
}
SHORT: Mapping[Language, Mapping[str, str]] = {
    "en": {"service_level": "Level", "asa_s": "ASA", "aht_s": "AHT", "contacts_waiting": "Waiting"},
    "nl": {
        "service_level": "SL",
        "asa_s": "ASA",
        "aht_s": "AHT",
        "contacts_waiting": "Wachtend",
        "abandonment_rate": "Opgeh.",
    },
}
