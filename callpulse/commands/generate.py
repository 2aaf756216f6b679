"""`callpulse generate`"""

from pathlib import Path
from types import ModuleType

import click

from callpulse.commands.common import fail, say, settings_of
from callpulse.exit_codes import TROUBLE, WRONG

NOT_INSTALLED = "generate needs {}, which is not installed: pip install 'callpulse[dashboards]' has all it needs"


@click.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Directory below which the files are written (default: the working directory).",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; name files that differ or are made no more, and end with 1 where one does.",
)
@click.pass_context
def generate(context: click.Context, to: Path, check: bool) -> None:
    """Make rules for Prometheus, routes for Alertmanager and dashboards for Grafana, from the settings."""
    settings, run = settings_of(context), _run()
    files = run.everything(settings)
    try:
        differ, left = run.differing(files, to), run.left_over(files, to)
        if not check:
            run.write({path: files[path] for path in differ}, to)
    except OSError as error:
        fail(f"{error.filename or to}: {error.strerror or error}", TROUBLE)
    made_no_more = [f"{to / path} is made no more: delete it, and what reads it" for path in left]
    if not check:
        written = f"{len(differ)} written, {len(files) - len(differ)} were so already"
        say(f"{len(files)} files below {to}: {written}", *made_no_more)
    elif differ or left:
        said = [f"{to / path} is not what the settings make of it" for path in differ]
        fail("\n".join([_counted(len(differ), len(files), len(left)), *said, *made_no_more]), TROUBLE)
    else:
        say(f"{len(files)} files below {to} are as the settings make them")


def _counted(differ: int, files: int, left: int) -> str:
    if not differ:
        return f"all {files} files are as the settings make them; to be deleted, because made no more: {left}"
    return f"{differ} of {files} files differ, {left} are left over; `callpulse generate` writes what differs"


def _run() -> ModuleType:
    """What makes them, or a sentence where the libraries for it are missing."""
    try:
        from callpulse.monitoring import run  # noqa: PLC0415 - its libraries come with an extra
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("callpulse"):
            raise
        fail(NOT_INSTALLED.format(error.name), WRONG)
    return run
