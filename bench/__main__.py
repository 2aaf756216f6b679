"""`python -m bench`: every benchmark in turn, and docs/PERFORMANCE.md written from what they found."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from bench.brokers import inherited
from bench.figures import Failure, Outcome, say
from bench.report import report

DOCUMENT = Path("docs/PERFORMANCE.md")
SECONDS_FOR_ONE = 1500.0
SIZES = {  # benchmark -> its options, so that all of them take about twenty minutes on two cores
    "check": (),
    "demo": (),
    "throughput": (),
    "peers": (),
    "scale": ("--events", "200000"),
    "two": (),
    "latency": ("--broker", "apache"),
    "recovery": (),
    "soak": (),
}
QUICK = {  # to see that they run; their figures mean little
    "check": ("--events", "20000"),
    "demo": ("--memory-after", "0"),
    "throughput": ("--events", "30000", "--stock-events", "1000"),
    "peers": ("--events", "50000"),
    "scale": ("--events", "20000", "--queues", "10", "--queues", "1000"),
    "two": ("--events", "30000"),
    "latency": ("--broker", "apache", "--seconds", "3", "--history", "60"),
    "recovery": ("--queues", "20", "--hours", "1", "--follow", "2"),
    "soak": ("--events", "200000"),
}


@click.command()
@click.option("--rounds", type=int, help="Of each benchmark (default: three, of soak one).")
@click.option("--only", type=click.Choice(list(SIZES)), multiple=True, help="Leave the others out.")
@click.option("--quick", is_flag=True, help="Small sizes and one round, to see that all of them run.")
@click.option("--write", type=click.Path(path_type=Path), default=DOCUMENT, show_default=True)
def main(rounds: int | None, only: tuple[str, ...], quick: bool, write: Path) -> None:
    """Measure this machine."""
    rounds = 1 if quick and rounds is None else rounds
    more = () if rounds is None else ("--rounds", str(rounds))
    sizes = QUICK if quick else SIZES
    command = " ".join(["python -m bench", *(["--quick"] if quick else []), *more, *_repeated("--only", only)])
    found: list[Outcome | Failure] = []
    for name in only or SIZES:
        found.append(_run(name, (*sizes[name], *more)))
        write.write_text(report(found, command), encoding="utf-8")  # what was found is kept, whatever comes
    say(f"written: {write}")
    sys.exit(any(isinstance(each, Failure) for each in found))


def _repeated(option: str, values: tuple[str, ...]) -> Iterator[str]:
    for value in values:
        yield from (option, value)


def _run(name: str, options: tuple[str, ...]) -> Outcome | Failure:
    say(f"\n== {name}")
    began, last = time.perf_counter(), ""
    argv = [sys.executable, "-m", f"bench.{name}", *options]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=inherited()) as child:
        giving_up = threading.Timer(SECONDS_FOR_ONE, child.terminate)
        giving_up.start()
        assert child.stdout is not None
        for line in child.stdout:
            if not line.startswith("{"):
                say(line.rstrip("\n"))
            last = line
        giving_up.cancel()
    took_s = round(time.perf_counter() - began)
    if child.returncode:
        say(f"bench.{name} ended with exit code {child.returncode}")
        return Failure(name, " ".join(options), took_s, child.returncode)
    return msgspec.structs.replace(msgspec.json.decode(last, type=Outcome), options=" ".join(options), took_s=took_s)


if __name__ == "__main__":
    main()
