"""`python -m bench`: every benchmark in turn, and docs/PERFORMANCE.md written from what they found."""

import subprocess
import sys
from pathlib import Path

import click
import msgspec

from bench.brokers import inherited
from bench.figures import Outcome, say
from bench.report import report

BENCHES = ("check", "demo", "throughput", "scale", "latency")
DOCUMENT = Path("docs/PERFORMANCE.md")


@click.command()
@click.option("--events", type=int, help="Of each benchmark (default: its own).")
@click.option("--rounds", type=int, help="Of each benchmark (default: its own).")
@click.option("--only", type=click.Choice(BENCHES), multiple=True, help="Leave the others out.")
@click.option("--write", type=click.Path(path_type=Path), default=DOCUMENT, show_default=True)
def main(events: int | None, rounds: int | None, only: tuple[str, ...], write: Path) -> None:
    """Measure this machine."""
    asked = {"--events": events, "--rounds": rounds}
    options = [text for name, value in asked.items() if value is not None for text in (name, str(value))]
    outcomes = [_run(name, options) for name in only or BENCHES]
    named = [text for name in only for text in ("--only", name)]
    write.write_text(report(outcomes, " ".join(["python -m bench", *options, *named])), encoding="utf-8")
    say(f"written: {write}")


def _run(name: str, options: list[str]) -> Outcome:
    say(f"\n== {name}")
    argv = [sys.executable, "-m", f"bench.{name}", *options]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=inherited()) as child:
        assert child.stdout is not None
        last = ""
        for line in child.stdout:
            if not line.startswith("{"):
                say(line.rstrip("\n"))
            last = line
    if child.returncode:
        sys.exit(f"bench.{name} ended with exit code {child.returncode}")
    return msgspec.json.decode(last, type=Outcome)


if __name__ == "__main__":
    main()
