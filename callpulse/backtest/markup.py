"""Elements of HTML and SVG, written so that they are valid XML too. Nothing from outside gets in unescaped."""

from html import escape

from callpulse.backtest.words import safe

Attribute = str | float


def element(tag: str, *content: str, **attributes: Attribute) -> str:
    """`content` is markup already. An underscore in an attribute's name is a hyphen, one at its end is left out."""
    given = "".join(f' {_name(key)}="{escape(safe(_plain(value)))}"' for key, value in attributes.items())
    inner = "".join(content)
    return (
        f"<{tag}{given}>{inner}</{tag}>" if inner or tag not in {"line", "rect", "path", "meta"} else f"<{tag}{given}/>"
    )


def text(said: str) -> str:
    """Words as markup."""
    return escape(safe(said))


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _plain(value: Attribute) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".rstrip("0").rstrip(".")
