"""What somebody reads who asks for a board that does not exist: that it does not, and which ones do. Pure."""

from collections.abc import Mapping
from html import escape

from callpulse.board.figures import printable
from callpulse.board.words import Language

SENTENCES: Mapping[Language, str] = {
    "en": "There is no board “{name}” here. There are:",
    "nl": "Het bord “{name}” is er niet. Er zijn:",
}
LIST = '<ul id="boards">'


def page(of_all: str, name: str, language: Language) -> str:
    """HTML: the page that lists all boards (`of_all`), with a sentence above them."""
    said = escape(SENTENCES[language].format(name=printable(name)))
    return of_all.replace(LIST, f'<p lang="{language}">{said}</p>\n{LIST}')
