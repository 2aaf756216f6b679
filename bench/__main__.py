"""`python -m bench`: every benchmark in turn, and docs/PERFORMANCE.md written from what they found. With `--only` it
keeps what it says of the others; with `--quick` it is left as it is."""

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
from bench.report import AIMS, report, revised
from callpulse import clock

DOCUMENT = Path("docs/PERFORMANCE.md")
SECONDS_FOR_ONE = 1500.0
ALERT_RULES = ("--rule", "default", "--rule", "together", "--rule", "naive", "--rule", "quarter")
SIZES = {  # benchmark -> its options, so that all of them take about forty minutes on two cores
    "check": (),
    "demo": (),
    "throughput": (),
    "peers": (),
    "scale": ("--events", "200000"),
    "two": (),
    "latency": ("--broker", "apache"),
    "scrape": (),
    "recovery": (),
    "soak": (),
    "alerts": ("--hours", "100", "--catalogue", *ALERT_RULES),
    "alert_load": ("--rounds", "1"),
    "alert_latency": (),
    "alert_soak": ("--queues", "10", "--days", "8"),
    "wall": (),
}
QUICK = {  # to see that they run; their figures mean little
    "check": ("--events", "20000"),
    "demo": ("--memory-after", "0"),
    "throughput": ("--events", "30000", "--stock-events", "1000"),
    "peers": ("--events", "50000"),
    "scale": ("--events", "20000", "--queues", "10", "--queues", "1000"),
    "two": ("--events", "30000"),
    "latency": ("--broker", "apache", "--seconds", "3", "--history", "60"),
    "scrape": ("--queues", "20", "--scrapes", "2", "--seconds", "3"),
    "recovery": ("--queues", "20", "--hours", "1", "--follow", "2"),
    "soak": ("--events", "200000"),
    "alerts": ("--hours", "3", "--rule", "default", "--rule", "naive"),
    "alert_load": ("--queues", "20"),
    "alert_latency": ("--queues", "10", "--quiet", "1"),
    "alert_soak": ("--queues", "2", "--days", "4"),
    "wall": ("--queues", "8", "--seconds", "3", "--updates", "40", "--minutes", "4", "--browsers", "20"),
}


@click.command()
@click.option("--rounds", type=int, help="Of each benchmark (default: three, of soak one).")
@click.option("--only", type=click.Choice(list(SIZES)), multiple=True, help="Leave the others out.")
@click.option("--quick", is_flag=True, help="Small sizes and one round, to see that all of them run.")
@click.option("--write", type=click.Path(path_type=Path), help=f"Default: {DOCUMENT}; with --quick nowhere.")
def main(rounds: int | None, only: tuple[str, ...], quick: bool, write: Path | None) -> None:
    """Measure this machine."""
    if quick:
        rounds = 1 if rounds is None else rounds
    else:
        write = write or DOCUMENT
    more = () if rounds is None else ("--rounds", str(rounds))
    sizes = QUICK if quick else SIZES
    command = " ".join(["python -m bench", *(["--quick"] if quick else []), *more, *_repeated("--only", only)])
    before = write.read_text(encoding="utf-8") if write and only and write.exists() else ""
    found: list[Outcome | Failure] = []
    for name in only or SIZES:
        found.append(_run(name, (*sizes[name], *more)))
        if write:
            text = revised(before, found) if AIMS in before else report(found, command)
            write.write_text(text, encoding="utf-8")  # what was found is kept, whatever comes
    say(f"written: {write}" if write else "written nowhere: the figures of a quick run mean little")
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
    on = time.strftime("%Y-%m-%d", time.gmtime(clock.now_ms() / 1000))
    result = msgspec.json.decode(last, type=Outcome)
    return msgspec.structs.replace(result, options=" ".join(options), on=on, took_s=took_s)


if __name__ == "__main__":
    main()
