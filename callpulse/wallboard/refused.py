"""What somebody reads who is not let in: one plain page, in English or Dutch, with a place for a key. Pure."""

from collections.abc import Mapping
from html import escape

from callpulse.wallboard.door import Reason, Refusal

SENTENCES: Mapping[str, Mapping[Reason, str]] = {
    "en": {
        "no_key": "This board is for who has a key. Open the link that you were given, or type the key.",
        "wrong_key": "This key is not known here. It may have been changed: ask who gave it to you for the new one.",
        "proxy_user": "The name or the groups that you are signed in with cannot be read. Ask who runs callpulse.",
        "host": "This board is not known by that name. Who runs callpulse can add it to wallboard.allowed_hosts.",
        "origin": "This came from a page that is not of this board. Nothing has been done.",
        "role": "You may see this board, and not act on it: that needs the role supervisor.",
        "form": "This cannot be understood. Nothing has been done.",
    },
    "nl": {
        "no_key": "Dit bord is voor wie een sleutel heeft. Open de link die u kreeg, of typ de sleutel.",
        "wrong_key": "Deze sleutel is hier niet bekend. Misschien is hij gewijzigd: vraag om de nieuwe.",
        "proxy_user": "De naam of de groepen waarmee u bent aangemeld zijn niet te lezen. Vraag het wie callpulse "
        "beheert.",
        "host": "Dit bord is onder die naam niet bekend. Wie callpulse beheert kan die aan wallboard.allowed_hosts "
        "toevoegen.",
        "origin": "Dit kwam van een pagina die niet van dit bord is. Er is niets gedaan.",
        "role": "U mag dit bord zien, en er niets op doen: daarvoor is de rol supervisor nodig.",
        "form": "Dit is niet te begrijpen. Er is niets gedaan.",
    },
}
TITLES = {"en": {401: "Who are you?", 403: "Not here", 400: "Not understood"}, "nl": {401: "Wie bent u?",
          403: "Hier niet", 400: "Niet begrepen"}}  # fmt: skip
LABELS = {"en": ("Key", "Open the board"), "nl": ("Sleutel", "Open het bord")}


def sentence(reason: Reason, language: str) -> str:
    """In one line, for who is no browser."""
    return SENTENCES[language][reason]


def page(refusal: Refusal, language: str, place: str, *, again: bool = False) -> str:
    """HTML. `place`: where to go with a key. `again`: who comes by a link of another site has left the cookie at home,
    and asks once more from here."""
    key, go = LABELS[language]
    title, said = TITLES[language][refusal.status], sentence(refusal.reason, language)
    refresh = f'<meta http-equiv="refresh" content="0;url={escape(place)}">' if again else ""
    form = (
        f'<form method="post" action="/sign-in"><input type="hidden" name="to" value="{escape(place)}">'
        f'<label for="key">{key}</label><input id="key" name="key" type="password" autocomplete="current-password" '
        f"required autofocus><button>{go}</button></form>"
        if refusal.status == 401 and not again
        else ""
    )
    return (
        f'<!doctype html>\n<html lang="{language}" data-theme="dark">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{refresh}<title>{title}</title>\n'
        '<link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/tokens.css">'
        '<link rel="stylesheet" href="/static/refused.css">\n</head>\n<body><main>\n'
        f"<h1>{title}</h1>\n<p>{said}</p>\n{form}\n</main></body>\n</html>\n"
    )
