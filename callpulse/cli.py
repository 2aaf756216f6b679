"""The command line: which commands there are. Exit codes: 0 fine, 1 the work failed, 2 the call or the configuration is
wrong. No traceback reaches a user."""

import importlib
from pathlib import Path

import click

COMMANDS = ("check", "config", "demo", "replay", "simulate", "source", "top", "topics", "worker")


class LazyGroup(click.Group):
    """Loads only the command that is called: `top` needs no Kafka, `check` no Redis."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"callpulse.commands.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Settings file (default: callpulse.toml where there is one).",
)
@click.version_option(package_name="callpulse")
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Exact, honest, calm real-time KPIs for contact centres."""
    context.obj = config
