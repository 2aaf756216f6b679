"""The command line: which commands there are. No traceback reaches a user who did not ask for one."""

import importlib
import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from callpulse.exit_codes import BROKEN_OFF

COMMANDS = (
    "alert",
    "alerts",
    "backtest",
    "check",
    "config",
    "demo",
    "doctor",
    "generate",
    "rejected",
    "repartition",
    "replay",
    "simulate",
    "source",
    "top",
    "topics",
    "wallboard",
    "worker",
)


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

    def main(self, *args: Any, **options: Any) -> Any:
        """As click's; standard output may be closed, or full."""
        if sys.stdout is None:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 -- open as long as the process
        try:
            return super().main(*args, **options)
        except OSError as error:
            _abandon_output()
            Unexpected(error).show()
            sys.exit(Unexpected.exit_code)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what no command expects becomes a sentence here."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.Abort, click.exceptions.Exit, OSError):
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(BROKEN_OFF) from None
        except Exception as error:
            if ctx.params["traceback"]:
                raise
            raise Unexpected(error) from error
        return done


class Unexpected(click.ClickException):
    """What no command expects, in a sentence."""

    def __init__(self, error: Exception) -> None:
        super().__init__(_no_room(error) if isinstance(error, OSError) else _defect(error))
        self._error = error

    def show(self, file: Any = None) -> None:
        from callpulse.commands.logs import told_in_log  # noqa: PLC0415 -- `top` has no log

        if not told_in_log(self.message, self._error):
            click.echo(f"callpulse: {self.message}", file, err=True)


def _no_room(error: OSError) -> str:
    return f"{error.filename or 'reading or writing'}: {error.strerror or error}"


def _defect(error: Exception) -> str:
    package = Path(__file__).parent  # its name alone says nothing: a clone or an environment may bear it too
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if package in Path(frame.filename).parents]
    place = f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""
    said = " ".join(str(error).split())[:300]
    return f"a defect of callpulse{place}: {type(error).__name__}: {said}. `callpulse --traceback …` shows all of it"


def _abandon_output() -> None:
    """What standard output did not take is not tried again at the end of the process, which could only fail anew."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Settings file (default: callpulse.toml where there is one).",
)
@click.option("--traceback", is_flag=True, help="Show where an unexpected error comes from.")
@click.version_option(package_name="callpulse")
@click.pass_context
def main(context: click.Context, config: Path | None, traceback: bool) -> None:
    """Exact, honest, calm real-time KPIs for contact centres."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows "?", not an error
    context.obj = config
