"""Every command's help, and a sentence with the right exit code (exit_codes.py) for every wrong call. Never a
traceback."""

import gzip
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callpulse import cli
from callpulse.demo.children import free_port
from tests.figures import ASTERISK, BANK_BY_TYPE

EVERY = [(), *((name,) for name in cli.COMMANDS), ("source", "queue_log")]
LOG = str(ASTERISK)
BINARY = bytes(range(256)) * 400
PLAY = ("simulate", "--to", "-", "--speed", "max", "--duration", "10")


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder of odd files to be in; no Kafka, no Redis; loggers as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLPULSE_KAFKA_BROKERS", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("CALLPULSE_REDIS_URL", f"redis://:swordfish@127.0.0.1:{free_port()}/0")
    Path("folder").mkdir()
    Path("empty").write_bytes(b"")
    Path("binary").write_bytes(BINARY)
    log = logging.getLogger("aiokafka")
    level = log.level
    yield
    log.setLevel(level)


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(cli.main, [*arguments])
    assert "Traceback" not in done.output
    assert "swordfish" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), arguments
    return done


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    for option in ("--help", "-h"):
        done = call(*command, option)
        assert done.exit_code == 0
        assert done.stdout.startswith(f"Usage: main {' '.join(command)}".rstrip())
        assert done.stderr == ""


def test_every_command_is_in_the_help_with_what_it_does() -> None:
    listed = call("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed if line.strip()] == list(cli.COMMANDS)
    assert all(len(line.split()) > 3 for line in listed if line.strip())


WRONG_CALLS = [
    (("nothing",), "No such command 'nothing'"),
    (("check",), "Missing argument 'FILE'"),
    (("check", LOG, "--by", "year"), "'year' is not one of 'board'"),
    (("check", LOG, "--at", "tomorrow"), "--at 'tomorrow': expected a time such as"),
    (("check", LOG, "--at", "9999-12-31T23:59:59Z"), "expected a time such as"),
    (("check", LOG, "--at", "0001-01-01T00:00:00+14:00"), "expected a time such as"),
    (("check", LOG, "--at", "1969-12-31T23:59:59Z"), "expected a time such as"),
    (("check", LOG, "--timezone", "Mars/Phobos"), "unknown; expected an IANA zone"),
    (("check", LOG, "--timezone", "../../etc/passwd"), "unknown; expected an IANA zone"),
    (("check", LOG, "--day-start", "25:00"), "--day-start '25:00': expected HH:MM at a quarter of an hour"),
    (("check", LOG, "--day-start", "09:07"), "--day-start '09:07': expected HH:MM at a quarter of an hour"),
    (("check", LOG, "--interval", "20"), "'20' is not one of '15', '30'"),
    (("check", LOG, "--threshold", "-1"), "-1 is not in the range"),
    (("check", LOG, "--source", "csv"), "name a TOML file with --mapping"),
    (("check", LOG, "--source", "queue_log", "--mapping", "empty"), "--mapping is for --source csv"),
    (("check", LOG, "--mapping", "nothere"), "nothere: the mapping cannot be read (No such file or directory)"),
    (("check", LOG, "--mapping", "folder"), "folder: the mapping cannot be read (Is a directory)"),
    (("check", LOG, "--mapping", "binary"), "binary: no text in UTF-8 (byte 129); expected a mapping in TOML"),
    (("check", LOG, "--mapping", "empty"), "empty: the file: Object missing required field"),
    (("replay", LOG, "--mapping", "empty"), "empty: the file: Object missing required field"),
    (("replay", LOG, "--source", "csv"), "name a TOML file with --mapping"),
    (("source", "csv", LOG, "--mapping", "empty"), "empty: the file: Object missing required field"),
    (("source", "csv", LOG, "--mapping", "nothere", "--check"), "nothere: the mapping cannot be read"),
    *((("replay", LOG, "--speed", each), f"--speed {each}: expected 1, 60") for each in ("0", "-1", "nan", "inf", "x")),
    *((("replay", LOG, "--warmup", each), f"--warmup {each}: expected seconds") for each in ("-1", "nan", "inf")),
    *((("simulate", "--to", "-", "--speed", each), "expected") for each in ("0", "-1", "nan", "inf", "x")),
    ((*PLAY, "--late", "nan"), "late nan: expected a share"),
    ((*PLAY, "--double", "2"), "double 2.0: expected a share"),
    ((*PLAY, "--duration", "nan"), "duration nan: expected seconds"),
    ((*PLAY, "--warmup", "-1"), "warm-up -1.0: expected seconds"),
    ((*PLAY, "--dead-feed", "x"), "dead feed 'x': expected START:SECONDS"),
    ((*PLAY, "--speed", "1", "--since", "1"), "since 1: expected milliseconds since the epoch, not in the future"),
    ((*PLAY, "--since", "1"), "since 1: expected speed 1 and no rebase"),
    (("replay", LOG, "--since", "0"), "--since 0: expected ms since the epoch, not in the future"),
    ((*PLAY, "--rebase", "x"), "rebase 'x': expected now, or a time"),
    ((*PLAY, "--rebase", "9999-12-31T00:00:00Z"), "expected now, or a time"),
    ((*PLAY, "--rebase", "0001-01-01T00:00:00Z"), "expected now, or a time"),
    ((*PLAY, "--scenario", "nothere"), "nothere: No such file or directory; expected day, demo or a TOML file"),
    ((*PLAY, "--scenario", "folder"), "folder: Is a directory"),
    ((*PLAY, "--scenario", "binary"), "binary: not TOML"),
    ((*PLAY, "--scenario", "empty"), "empty: scenario: Object missing required field"),
    ((*PLAY, "--seed", "x"), "'x' is not a valid integer"),
    (("repartition",), "Missing option '--partitions'"),
    (("repartition", "--partitions", "0"), "0 is not in the range 1<=x<=1000"),
    (("--config", "nothere", "config"), "nothere: no such file; expected a TOML file"),
    (("--config", "folder", "config"), "folder: cannot be read"),
    (("--config", "binary", "config"), "binary: cannot be read"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_CALLS, ids=lambda value: " ".join(value)[-40:])
def test_a_wrong_call_is_told_what_was_expected(arguments: tuple[str, ...], said: str) -> None:
    done = call(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


FAILURES = [
    (("check", "nothere"), "nothere: cannot be read (No such file or directory); check the name"),
    (("check", "x" * 300), "cannot be read (File name too long)"),
    (("check", "folder"), "folder is a directory; name the file in it"),
    (("check", "binary"), "binary: none of its lines could be read; is queue_log the right source?"),
    (("check", "empty", "--mapping", str(BANK_BY_TYPE)), "empty: the file is empty; expected a header row"),
    (("check", LOG, "--mapping", str(BANK_BY_TYPE)), "the mapping does not fit this file"),
    (("replay", "nothere"), "nothere: cannot be read"),
    (("replay", "folder"), "folder is a directory"),
    (("replay", "empty"), "empty: no event in it; is queue_log the right source?"),
    (("replay", "binary"), "binary: no event in it"),
    (("simulate", "--to", "folder", "--speed", "max"), "folder: cannot write events: Is a directory"),
    (("simulate", "--to", "nothere/file", "--speed", "max"), "nothere/file: cannot write events: No such file"),
    (("simulate", "--to", "/dev/full", "--speed", "max"), "/dev/full: cannot write events: No space left on device"),
    (("source", "queue_log", LOG, "--position", "folder"), "folder is no file; name one that keeps the place"),
    (("source", "queue_log", LOG, "--position", "empty/x"), "empty/x: cannot be written"),
    (("source", "queue_log", LOG, "--position", "binary"), "binary: no saved position"),
    (("topics",), "(Unable connect to"),
    (("repartition", "--partitions", "8", "--apply"), "repartition: no Kafka answers at 127.0.0.1:"),
    (("top", "--once"), "Redis does not answer"),
    (("top", "--json"), "Redis does not answer"),
]


@pytest.mark.parametrize(("arguments", "said"), FAILURES, ids=lambda value: " ".join(value)[-40:])
def test_work_that_fails_says_why(arguments: tuple[str, ...], said: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_the_world_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("CALLPULSE_METRICS_PORT", str(taken.getsockname()[1]))
        done = call("worker")
    assert done.exit_code == 1
    assert "another program listens there" in done.stderr


def test_a_file_without_the_right_to_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("closed").write_text("1|1|q|NONE|ENTERQUEUE\n")
    Path("closed").chmod(0)
    try:
        Path("closed").read_text()
    except PermissionError:
        done = call("check", "closed")
        assert done.exit_code == 1
        assert "closed: cannot be read (Permission denied); check the name and the rights" in done.stderr
    else:
        pytest.skip("this user may read everything")


def test_a_gzip_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    whole = gzip.compress(ASTERISK.read_bytes())
    Path("cut.gz").write_bytes(whole[: len(whole) // 2])
    done = call("check", "cut.gz", "--by", "all")
    assert done.exit_code == 1
    assert "cut.gz: the gzip breaks off or is damaged after line" in done.stderr
    assert "all" in done.stdout
    lines = done.stderr.partition("after line ")[2].split()[0]
    assert int(lines.replace(",", "")) > 500
    assert f"{lines} lines read" in done.stdout


def test_an_empty_log_is_no_failure() -> None:
    assert call("check", "empty").stdout == "no visit in this log\n0 lines read, 0 events\n"
    assert call("check", "empty", "--json").stdout.startswith('{"at":null,"queues":{},"total":{},')


def test_a_defect_of_ours_is_one_sentence_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    # In somebody else's file, in an environment or a clone that is itself named callpulse.
    source = "def broken(*_): raise ZeroDivisionError('division\\nby zero')"
    theirs: dict[str, object] = {}
    exec(compile(source, "/opt/callpulse/lib/site-packages/other/them.py", "exec"), theirs)
    monkeypatch.setattr("callpulse.commands.config.shown", theirs["broken"])
    done = call("config")
    assert done.exit_code == 1
    assert done.stderr.startswith("callpulse: a defect of callpulse (config.py, line ")
    assert "ZeroDivisionError: division by zero. `callpulse --traceback …`" in done.stderr
    assert isinstance(CliRunner().invoke(cli.main, ["--traceback", "config"]).exception, ZeroDivisionError)


# -- settings: each kind of fault is told with its place and what was expected

TOO_DEEP = "s.toml: tables or lists more than 50 deep; no setting has as many"
BROKEN = [
    ("a = " + "[" * 20_000, TOO_DEEP),
    ("a = " + "[" * 60 + "]" * 60, TOO_DEEP),
    ("a." * 5_000 + "b = 1", TOO_DEEP),
    ("a = " + "{a = " * 20_000, TOO_DEEP),
    ("x", "s.toml: Expected '=' after a key"),
    ("kafka = 5", "s.toml: kafka: expected a table, got a whole number"),
    ("[kafak]\na = 1", "s.toml: kafak: unknown; expected one of site, kafka"),
    ('[kafka]\nbroker = "x"', "s.toml: kafka.broker: unknown; expected one of brokers"),
    ('[kafka]\nbrokers = ""', "s.toml: kafka.brokers = '': expected HOST:PORT"),
    ('[kafka]\nbrokers = "host:port"', "s.toml: kafka.brokers = 'host:port': expected HOST:PORT"),
    (
        '[kafka]\nsecurity_protocol = "SASL_SSL"\nusername = "ann"',
        "s.toml: kafka.password: missing; security_protocol = 'SASL_SSL' asks for username and password",
    ),
    (
        '[kafka]\nca_file = "ca.pem"',
        "s.toml: kafka.ca_file: not used with security_protocol = 'PLAINTEXT'; expected SSL or SASL_SSL",
    ),
    (
        '[kafka]\nsecurity_protocol = "SSL"\nkey_file = "key.pem"',
        "s.toml: kafka.cert_file: missing; expected the certificate of the key that is given",
    ),
    (
        '[kafka]\nsecurity_protocol = "SASL_PLAINTEXT"\npassword = "swordfish"',
        "s.toml: kafka.username: missing; security_protocol = 'SASL_PLAINTEXT' asks for username and password",
    ),
    ("[kafka]\npassword = 5", "s.toml: kafka.password: expected text in quotes, got a whole number"),
    ("[queues.sales]\ntarget = 80", "s.toml: queues.sales.target = 80: expected a number < 1.0"),
    ("[queues.sales]\nthreshold_s = 20.5", "s.toml: queues.sales.threshold_s = 20.5: expected a whole number"),
    (
        '[queues."<b>"]\nformula = "best"',
        "s.toml: queues.\"<b>\".formula = 'best': expected one of abandons_ignored_within_t, abandons_met",
    ),
    ("[groups.g]", "s.toml: groups.g: queues is missing"),
    ('[worker]\nmax_wait = "2 h"', "s.toml: worker.max_wait = '2 h': expected a whole number above 0 with ms, s"),
    ('[redis]\ncadence = "0s"', "s.toml: redis.cadence = '0s': expected a whole number above 0 with ms, s"),
    ('[redis]\nttl = "5s"', "s.toml: redis.ttl = '5s': expected more than 10s"),
    ('[site]\nday_start = "8:00"', "s.toml: site.day_start = '8:00': expected HH:MM"),
    ('[site]\nzone = "Nowhere"', "s.toml: site.zone = 'Nowhere': unknown; expected an IANA zone"),
    ("[metrics]\nport = 70000", "s.toml: metrics.port = 70000: expected a whole number <= 65535"),
    ('[source]\ncustomer_key = ["swordfish"]', "s.toml: source.customer_key: expected text in quotes, got a list"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN, ids=[said.partition(": ")[2][:30] for _, said in BROKEN])
def test_a_broken_settings_file_is_refused_by_every_command(text: str, said: str) -> None:
    Path("s.toml").write_text(text)
    for command in (("config",), ("check", LOG), ("top",)):
        done = call("--config", "s.toml", *command)
        assert (done.exit_code, done.stdout) == (2, "")
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("path", ["nothere", "folder", "binary"])
def test_a_secret_s_file_that_cannot_be_read(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLPULSE_KAFKA_PASSWORD_FILE", path)
    done = call("config")
    assert done.exit_code == 2
    assert f"CALLPULSE_KAFKA_PASSWORD_FILE = '{path}': cannot be read" in done.stderr


def test_the_effective_settings_hide_what_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("empty").write_text("swordfish\n")
    monkeypatch.setenv("CALLPULSE_KAFKA_PASSWORD_FILE", "empty")
    done = call("config")
    assert done.exit_code == 0
    assert '"password": "***"' in done.stdout
