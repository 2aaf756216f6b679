"""Documents as YAML that people read too: keys in our order, long texts as blocks."""

from typing import Any

import yaml

HEAD = "# Made by `callpulse generate` from the settings; what is changed here is lost when it runs again.\n"
WIDTH = 10_000  # an expression is not folded where YAML likes


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and writes no anchors for a value that stands in two places."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def document(content: Any, head: str = HEAD) -> str:
    """The text of a file."""
    return head + yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
