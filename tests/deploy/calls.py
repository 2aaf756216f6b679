"""Commands as files of others write them."""

from collections.abc import Sequence

import click

from callpulse import cli


def can_be_called(words: Sequence[str]) -> bool:
    """Whether the command line takes these words, `callpulse` left out."""
    command, rest = cli.main, list(words)
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest.pop(0))
        if found is None:
            return False
        command = found
    return command.make_context(command.name, rest, parent=click.Context(cli.main)) is not None
