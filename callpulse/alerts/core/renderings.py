"""Lines of a message as plain text, Markdown and HTML. Whole lines are escaped, so no name can slip through."""

import html
import re
from collections.abc import Sequence

from msgspec import Struct

_MARKED = re.compile(r"([\\`*_{}\[\]()#+\-.!])")
_TABLES_AND_STRIKES = str.maketrans({"|": "&#124;", "~": "&#126;"})  # not every Markdown knows these with a backslash
_LINK = re.compile(
    r"https?://(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[^\s\x00-\x20\x7f-\U0010ffff<>\"'`\\^{|}%\[\]]|%[0-9a-f]{2}){0,2000})?",
    re.IGNORECASE | re.ASCII,
)


class Line(Struct, frozen=True):
    """One line of plain text. `strong` = what matters most; `url` = where the text leads."""

    text: str
    strong: bool = False
    url: str = ""


def safe_url(url: str) -> bool:
    """Whether it may be told as a link: http or https, ASCII, not endless, without what a URL has to escape."""
    return _LINK.fullmatch(url) is not None


def plain(lines: Sequence[Line]) -> str:
    """As in an SMS: one line each."""
    return "\n".join(f"{line.text}: {line.url}" if line.url else line.text for line in lines)


def markdown(lines: Sequence[Line]) -> str:
    """One paragraph each."""
    return "\n\n".join(map(_marked, lines))


def as_html(lines: Sequence[Line]) -> str:
    """One paragraph each, without html and body around them."""
    return "\n".join(f"<p>{_tagged(line)}</p>" for line in lines)


def _marked(line: Line) -> str:
    text = html.escape(_MARKED.sub(r"\\\1", line.text), quote=False).translate(_TABLES_AND_STRIKES)
    if line.url:
        return f"[{text}]({_bracketless(line.url)})"
    return f"**{text}**" if line.strong and text else text


def _bracketless(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29").replace("*", "%2A").replace("_", "%5F")


def _tagged(line: Line) -> str:
    text = html.escape(line.text)
    if line.url:
        return f'<a href="{html.escape(line.url)}">{text}</a>'
    return f"<strong>{text}</strong>" if line.strong else text
