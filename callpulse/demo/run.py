"""`callpulse demo`: the whole line on one machine, in memory, until Ctrl-C."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from callpulse.clock import now_ms
from callpulse.demo import parts, receiver
from callpulse.demo.children import Child, free_port, wait_until
from callpulse.demo.processes import RESTARTS_OF_A_WORKER, Program, Supervisor, callpulse

Feed = Literal["simulator", "recording"]
RECORDING = Path("examples/asterisk/queue_log")
METRICS_PORT, WALL_PORT = 9464, 9466
PARTITIONS = 4  # one worker, a few queues
WORKER_WITHIN_S, RECEIVER_WITHIN_S = 60.0, 30.0
ALERTS, BOARDS = (Path(__file__).with_name(name) for name in ("alerts.toml", "boards.toml"))
FLOOR = "b/floor"  # the board of all queues
BOARDS_AT = r"boards at (\S+)"
WARMUP_S = 420  # of the recording: what has just happened, so that the windows are not empty


def demo(feed: Feed, seed: int, language: str, *, alerts: bool = True) -> int:
    """Broker, Redis, boards, topics, worker, alerts with somebody who is told, and feed. It says first where the wall
    is. Returns the exit code. Raises PartMissingError, NotReadyError."""
    if feed == "recording" and not RECORDING.is_file():
        raise parts.PartMissingError(f"{RECORDING} is not here; start it in the source tree, or take --feed simulator")
    terminal = sys.stdout.isatty()
    with Supervisor(_say) as everything:
        environment, sentences = _parts(everything)
        environment["CALLPULSE_SITE_LANGUAGE"] = language
        wall = callpulse("--config", str(BOARDS), "wallboard", "--any-port")
        boards = everything.start(Program("wallboard", wall, environment, restarts=RESTARTS_OF_A_WORKER))
        address = _told(boards, "wallboard", everything.folder / "wallboard.log", BOARDS_AT)
        for sentence in (f"the wall at {address}{FLOOR}, other boards at {address}", *sentences):
            _say(sentence)
        told = _receiver(everything, shown=not terminal) if alerts else ""
        # the groups on the boards are added by the worker
        books = callpulse("--config", str(BOARDS), "worker", "--any-port")
        worker = everything.start(Program("worker", books, environment, restarts=RESTARTS_OF_A_WORKER))
        _say(f"metrics at {_endpoint(worker, everything.folder / 'worker.log')}/metrics")
        everything.start(Program("feed", feed_from(feed, seed, now_ms()), environment, restarts=RESTARTS_OF_A_WORKER))
        if alerts:
            judge = callpulse("--config", str(alerts_file(everything.folder, told)), "alerts", "--any-port")
            everything.start(Program("alerts", judge, environment, restarts=RESTARTS_OF_A_WORKER))
        if terminal:
            shown = callpulse("top", "--wall", f"{address}{FLOOR}")
            everything.start(Program("top", shown, environment, foreground=True))
        return everything.run()


def alerts_file(folder: Path, receiver_url: str) -> Path:
    """The settings of the demo's `callpulse alerts`, written into `folder`."""
    file = folder / "alerts.toml"
    file.write_text(ALERTS.read_text(encoding="utf-8").replace("RECEIVER", receiver_url), encoding="utf-8")
    return file


def _parts(everything: Supervisor) -> tuple[dict[str, str], list[str]]:
    """Broker and Redis, running; what the others have to know of them, and what the user has to."""
    broker = parts.start_broker(everything.folder, parts.BROKER_PORT)
    everything.adopt("broker", broker.child, broker.log)
    valkey = parts.start_valkey(everything.folder, parts.VALKEY_PORT)
    everything.adopt("valkey", valkey.child, valkey.log)
    addresses = f"Kafka protocol at {broker.address}, Redis at {valkey.url}"
    ports = {"METRICS": free_port(METRICS_PORT), "WALLBOARD": free_port(WALL_PORT)}
    return _environment(broker.address, valkey.url, ports), [*filter(None, (broker.note, valkey.note)), addresses]


def _receiver(everything: Supervisor, *, shown: bool) -> str:
    """Where it listens. `shown`: what it is told is printed here too."""
    argv = (sys.executable, "-m", "callpulse.demo.receiver")
    child, log = everything.start(Program("receiver", argv, heard=shown)), everything.folder / "receiver.log"

    def listens() -> list[str]:
        return re.findall(rf"{receiver.LISTENS}(\S+)\n", log.read_text(errors="replace"))

    wait_until(lambda: bool(listens()), child, "receiver", log, RECEIVER_WITHIN_S)
    _say("alerts are told to a receiver on this machine, which prints them " + ("here" if shown else f"to {log}"))
    return listens()[0]


def _environment(brokers: str, redis_url: str, ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "CALLPULSE_KAFKA_BROKERS": brokers,
        "CALLPULSE_KAFKA_PREFIX": "callpulse",  # the same for all, whatever a file in this folder says
        "CALLPULSE_KAFKA_PARTITIONS": str(PARTITIONS),
        "CALLPULSE_KAFKA_IDEMPOTENCE": "false",  # the embedded broker knows no producer ids
        "CALLPULSE_REDIS_URL": redis_url,
        **{f"CALLPULSE_{section}_PORT": str(port) for section, port in ports.items()},
        "CALLPULSE_SITE_NAME": "demo",
        "CALLPULSE_LOGS_FORMAT": "text",  # files that people read
        "CALLPULSE_SITE_SHOW_AGENTS": "true",
    }


def _endpoint(worker: Child, log: Path) -> str:
    """Where the worker says that it listens, once the topics are there: another demo may have taken the port meanwhile,
    and nobody may touch the names of topics before."""

    return _told(worker, "worker", log, r"readyz at (\S+)", after="has the topics")


def _told(child: Child, name: str, log: Path, pattern: str, *, after: str = "") -> str:
    """What it says of itself, once its log holds `after`."""

    def told() -> list[str]:
        said = log.read_text(errors="replace")
        return re.findall(pattern, said) if after in said else []

    wait_until(lambda: bool(told()), child, name, log, WORKER_WITHIN_S)
    return told()[-1]


def feed_from(feed: Feed, seed: int, since_ms: int) -> tuple[str, ...]:
    """The command of a feed that begins at that time: started again, it tells the same again, and goes on."""
    since = ("--since", str(since_ms))
    if feed == "recording":
        return callpulse("replay", str(RECORDING), "--warmup", str(WARMUP_S), *since)
    return callpulse("simulate", "--scenario", "demo", "--seed", str(seed), *since)


def _say(sentence: str) -> None:
    print(sentence, flush=True)
