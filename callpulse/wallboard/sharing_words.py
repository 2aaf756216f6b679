"""What the wall says about sharing what a person sees, in English and Dutch."""

from collections.abc import Mapping

from callpulse.board.words import Language

PAGE: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "copy": "Copy as text",
        "copied": "copied: paste it where you like",
        "copy_by_hand": "This browser does not copy by itself here: press Ctrl+C.",
        "as_svg": "SVG of “{tile}”",
        "as_png": "PNG of “{tile}”",
        "close": "Close",
        "share": "Share",
    },
    "nl": {
        "copy": "Kopieer als tekst",
        "copied": "gekopieerd: plak het waar u wilt",
        "copy_by_hand": "Deze browser kopieert hier niet vanzelf: druk Ctrl+C.",
        "as_svg": "SVG van “{tile}”",
        "as_png": "PNG van “{tile}”",
        "close": "Sluit",
        "share": "Deel",
    },
}
