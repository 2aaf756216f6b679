"""Settings: where each value comes from, and errors that name file or variable, key, value and what was expected."""

from pathlib import Path

import pytest

from callpulse.settings import Settings, SettingsError, load, milliseconds, shown, verified
from callpulse.settings.tables import Redis
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import HOUR_MS, Limits
from callpulse.stream.core.windows import Calendar
from tests.shell.settings_file import complaint, read


def test_without_a_file_everything_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Settings()
    (tmp_path / "callpulse.toml").write_text('[site]\nname = "north"\n')
    assert load(None, {}).site.name == "north"


def test_the_environment_is_read_where_none_is_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("")
    monkeypatch.setenv("CALLPULSE_CONFIG", str(file))
    monkeypatch.setenv("CALLPULSE_SITE_NAME", "south")
    assert load().site.name == "south"


def test_the_environment_wins_over_the_file_and_a_named_file_over_both(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    found = read(
        file,
        '[kafka]\nbrokers = "file:1"\npartitions = 4\n',
        CALLPULSE_KAFKA_BROKERS="env:1",
        CALLPULSE_METRICS_PORT="0",
        CALLPULSE_SITE_SHOW_AGENTS="true",
        CALLPULSE_QUEUE_DEFAULTS_THRESHOLD_S="30",
        CALLPULSE_KAFKA_PASSWORD="no",
        CALLPULSE_KAFKA_PASSWORD_FILE=str(secret),
    )
    assert (found.kafka.brokers, found.kafka.partitions, found.metrics.port) == ("env:1", 4, 0)
    assert found.site.show_agents is True
    assert found.policy("any").threshold_s == 30
    assert found.kafka.password == "hunter2"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[site]\nzone = "Mars/Olympus"', "site.zone = 'Mars/Olympus': unknown; expected an IANA zone"),
        ('[site]\nzone = "../etc/passwd"', "site.zone = '../etc/passwd': unknown; expected an IANA zone"),
        ('[site]\nday_start = "09:10"', "site.day_start = '09:10': expected "),
        ("[site]\ninterval_min = 20", "site.interval_min = 20: expected one of 15, 30"),
        ('[site]\nname = "a b"', "site.name = 'a b': expected "),
        ('[site]\nzoen = "UTC"', "site.zoen: unknown; expected one of name, zone, day_start"),
        ("[sight]\nzone = 1", "sight: unknown; expected one of site, kafka, redis"),
        ('"a - at `$.x" = 1', '"a - at `$.x": unknown; expected one of site, kafka, redis'),
        ('" - at `$" = 1', '" - at `$": unknown; expected one of site, kafka, redis'),
        ('"a` - at `$.x" = 1', '"a` - at `$.x": unknown; expected one of site, kafka, redis'),
        ('[site]\n"a - at `$.x" = 1', 'site."a - at `$.x": unknown; expected one of name, zone, day_start'),
        ('[queues."a.b"]\n"c - at `$.x" = 1', 'queues."a.b"."c - at `$.x": unknown; expected one of threshold_s'),
        ("[site]\nlanguage = 'a - at `$.x'", "site.language = 'a - at `$.x': expected one of en, nl"),
        ("[metrics]\nport = 70000", "metrics.port = 70000: expected a whole number <= 65535"),
        ('[metrics]\nport = "http"', "metrics.port = 'http': expected a whole number, got text in quotes"),
        ('[worker]\nmax_wait = "2 hours"', "worker.max_wait = '2 hours': expected a whole number"),
        (
            '[worker.max_wait_by_channel]\nvoice = "1h"\nchat = "soon"',
            "worker.max_wait_by_channel.chat = 'soon': expected",
        ),
        ('[worker]\nvisit_retention = "1h"', "worker.visit_retention = '1h': expected more than max_wait"),
        ('[worker.max_wait_by_channel]\nmail = "24h"', "worker.visit_retention = '24h': expected more than max_wait"),
        ('[worker]\nlive_retention = "1h"', "worker.live_retention = '1h': expected at least 70m"),
        ('[worker]\ninterval_retention = "24h"', "worker.interval_retention = '24h': expected at least 25h"),
        (
            "[queue_defaults]\nthreshold_s = 20.5",
            "queue_defaults.threshold_s = 20.5: expected a whole number",
        ),
        ("[queues.help]\n[queues.sales]\ntarget = 80", "queues.sales.target = 80: expected a number < 1.0"),
        (
            '[queues."a.b <i>"]\nshort_abandon_s = 0.5',
            'queues."a.b <i>".short_abandon_s = 0.5: expected a whole number',
        ),
        (
            "[queues.sales]\nformula = 'best'",
            "queues.sales.formula = 'best': expected one of abandons_ignored_within_t, abandons_met",
        ),
        ("[queues.sales]\ncolour = 'red'", "queues.sales.colour: unknown; expected one of threshold_s, boundary"),
        ("[queues]\nsales = 5", "queues.sales = 5: expected a table, got a whole number"),
        ("queues = 5", "queues: expected a table, got a whole number"),
        ("[groups.all]\nqueues = ['a', 5]", "groups.all.queues[1]: expected text in quotes, got a whole number"),
        ("[groups.all]", "groups.all: queues is missing"),
        ("kafka = 5\n[kafka]", "expected valid TOML"),
        ("[site", "expected valid TOML"),
    ],
)
def test_an_error_names_the_file_the_key_the_value_and_what_was_expected(file: Path, text: str, says: str) -> None:
    found = complaint(file, text)
    assert found.startswith(f"{file}: ")
    assert says in found


def test_an_error_in_the_environment_names_the_variable(file: Path, tmp_path: Path) -> None:
    assert complaint(file, "", CALLPULSE_METRICS_PORT="http") == (
        "CALLPULSE_METRICS_PORT (metrics.port) = 'http': expected a whole number"
    )
    assert complaint(file, "", CALLPULSE_SITE_ZONE="Mars").startswith(
        "CALLPULSE_SITE_ZONE: site.zone = 'Mars': unknown"
    )
    assert complaint(file, "", CALLPULSE_WORKER_VISIT_RETENTION="1h").startswith("CALLPULSE_WORKER_VISIT_RETENTION: ")
    assert complaint(file, "", CALLPULSE_WORKER_LIVE_RETENTION="1h").startswith("CALLPULSE_WORKER_LIVE_RETENTION: ")
    missing = complaint(file, "", CALLPULSE_REDIS_URL_FILE=str(tmp_path / "none"))
    assert missing.startswith(f"CALLPULSE_REDIS_URL_FILE = '{tmp_path / 'none'}': cannot be read")
    assert missing.endswith("expected a file with the value")


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("CALLPULSE_KAFKA_BROKRES", "CALLPULSE_KAFKA_BROKERS"),
        ("CALLPULSE_KAFKA_BROKERS_FIEL", "CALLPULSE_KAFKA_BROKERS_FILE"),
        ("CALLPULSE_BROKERS", "CALLPULSE_KAFKA_BROKERS"),
        ("CALLPULSE_kafka_brokers", "CALLPULSE_KAFKA_BROKERS"),
        ("CALLPULSE_METRIC_PORT", "CALLPULSE_METRICS_PORT"),
        ("CALLPULSE_CONFIGS", "CALLPULSE_CONFIG"),
    ],
)
def test_a_variable_that_nobody_reads_is_named_with_the_nearest_one(file: Path, variable: str, nearest: str) -> None:
    assert complaint(file, "", **{variable: SECRET}) == (
        f"{variable}: unknown; expected the name of a setting, the nearest is {nearest}"
    )


def test_variables_that_are_not_meant_as_settings_are_left_alone(file: Path) -> None:
    others = {
        "CALLPULSE_DATA": "/data",
        "CALLPULSE_WORKER_SERVICE_HOST": "10.0.0.1",
        "CALLPULSE_WORKER_SERVICE_PORT_HTTP": "9464",
        "CALLPULSE_WORKER_PORT": "tcp://10.0.0.1:9464",
        "CALLPULSE_WORKER_PORT_9464_TCP_ADDR": "10.0.0.1",
        "callpulse": "x",
    }
    assert read(file, "", **others) == Settings()


def test_all_that_is_wrong_is_said_at_once_the_file_s_keys_first(file: Path, tmp_path: Path) -> None:
    text = (
        '[site]\nzone = "Mars"\nday_start = "8"\nwhat = 1\n[kafka]\npartitions = 0\nbrokers = 5\n[quues]\na = 1\n'
        "[queues.sales]\ntarget = 80\n[queues.help]\ntarget = 70\nthreshold_s = 0.5\n"
        "[groups.none]\n[groups.odd]\nqueues = [1, 2]\n"
    )
    found = complaint(
        file, text, CALLPULSE_METRICS_PORT="http", CALLPULSE_KAFKA_PREFX="x", CALLPULSE_REDIS_URL_FILE=str(tmp_path)
    )
    assert [line.removeprefix(f"{file}: ").partition(":")[0] for line in found.splitlines()] == [
        "groups.none",
        "groups.odd.queues[0]",
        "kafka.brokers = 5",
        "kafka.partitions = 0",
        "queues.help.target = 70",
        "queues.help.threshold_s = 0.5",
        "queues.sales.target = 80",
        "quues",
        "site.day_start = '8'",
        "site.what",
        "site.zone = 'Mars'",
        "CALLPULSE_KAFKA_PREFX",
        "CALLPULSE_METRICS_PORT (metrics.port) = 'http'",
        f"CALLPULSE_REDIS_URL_FILE = '{tmp_path}'",
    ]


def test_a_value_that_is_wrong_by_itself_is_not_compared_with_others(file: Path) -> None:
    found = complaint(file, '[worker]\nvisit_retention = "soon"\nmax_wait = "9d"\n')
    assert found.startswith(f"{file}: worker.visit_retention = 'soon': expected a whole number")
    assert len(found.splitlines()) == 1


def test_a_disagreement_names_the_variable_that_made_it(file: Path) -> None:
    found = complaint(file, "", CALLPULSE_WORKER_MAX_WAIT="9d")
    assert found.startswith("CALLPULSE_WORKER_MAX_WAIT: worker.visit_retention = ")


@pytest.mark.parametrize(("key", "value"), [("cadence", "6s"), ("ttl", "10s")])
def test_figures_are_written_often_enough_and_live_long_enough_to_be_shown_as_stale(
    file: Path, key: str, value: str
) -> None:
    assert f"redis.{key} = '{value}': expected" in complaint(file, f'[redis]\n{key} = "{value}"\n')
    file.write_text('[redis]\ncadence = "5s"\nttl = "11s"\n')
    load(file, {})


def test_a_file_that_cannot_be_read_hides_no_fault_of_the_environment(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path / "none.toml", {"CALLPULSE_METRICS_PORT": "http"})
    first, second = str(refused.value).splitlines()
    assert "no such file" in first
    assert second.startswith("CALLPULSE_METRICS_PORT")


def test_a_file_that_cannot_be_read(file: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: no such file; expected a TOML file with settings"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(SettingsError, match="no such file"):
        load(None, {"CALLPULSE_CONFIG": str(tmp_path / "none.toml")})
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, {})
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(file, {})


SECRET = "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f'[kafka]\npassword = ["{SECRET}"]',
        f'[kafka]\npasword = "{SECRET}"',
        f'[kafka]\npassword = "{SECRET}"\npartitions = 0',
        f'[kafka]\npassword = "{SECRET}"\nwhat = 1',
        f'[redis]\nurl = ["redis://:{SECRET}@host"]',
        f'redis = "redis://:{SECRET}@host"',
        f'kafka = ["{SECRET}"]',
    ],
)
def test_no_error_shows_a_secret_of_the_file(file: Path, text: str) -> None:
    assert SECRET not in complaint(file, text)


def test_no_error_shows_a_secret_of_the_environment(file: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    wrong = {"CALLPULSE_KAFKA_PASSWORD_FILE": str(tmp_path / "secret"), "CALLPULSE_METRICS_PORT": "http"}
    assert SECRET not in complaint(file, "", **wrong)


def test_the_effective_settings_are_shown_without_secrets(file: Path) -> None:
    plain = shown(
        read(
            file,
            f'[kafka]\npassword = "{SECRET}"\n[redis]\nurl = "redis://user:{SECRET}@host:6379/0"\n'
            f'[source]\ncustomer_key = "{SECRET}"\n[queues.sales]\nthreshold_s = 30\n',
        )
    )
    assert SECRET not in repr(plain)
    assert plain["redis"]["url"] == "redis://***@host:6379/0"
    for odd in (f"redis://:4/{SECRET}@host", f"redis://host/0?password={SECRET}&db=1"):
        assert SECRET not in repr(shown(Settings(redis=Redis(url=odd))))
    assert plain["kafka"]["password"] == plain["source"]["customer_key"] == "***"
    assert plain["queues"]["sales"]["threshold_s"] == 30
    assert shown(Settings())["kafka"]["password"] == ""


def test_a_secret_in_the_address_of_another_is_not_shown_either(file: Path) -> None:
    plain = shown(
        read(
            file,
            f'[monitoring]\nprometheus_url = "https://u:{SECRET}@prometheus.example/x"\n'
            f'[alerts]\nwall_url = "https://wall.example/b/floor?key={SECRET}"\n',
        )
    )
    assert plain["monitoring"]["prometheus_url"] == "https://***@prometheus.example/x"
    assert plain["alerts"]["wall_url"] == "https://wall.example/b/floor?key=***"


def test_a_queue_is_judged_by_its_own_settings_then_by_those_for_all(file: Path) -> None:
    found = read(
        file,
        '[queue_defaults]\nthreshold_s = 30\nformula = "answered_only"\n'
        '[queues.sales]\nthreshold_s = 0\nboundary = "lt"\ntarget = 0.9\nchannel = "chat"\n',
    )
    assert found.policy("sales") == Policy(threshold_s=0, boundary="lt", formula="answered_only", target=0.9)
    assert found.policy("help") == Policy(threshold_s=30, formula="answered_only")
    assert (found.channel("sales"), found.channel("help")) == ("chat", None)


def test_calendar_and_limits(file: Path) -> None:
    found = read(
        file,
        '[site]\nzone = "Asia/Kathmandu"\nday_start = "07:15"\ninterval_min = 30\n'
        '[worker]\nvisit_retention = "2d"\nmax_wait = "90m"\n[worker.max_wait_by_channel]\nmail = "1d"\n',
    )
    assert found.calendar() == Calendar("Asia/Kathmandu", 435, 30)
    assert found.limits() == Limits(
        horizon_ms=48 * HOUR_MS, max_wait_ms=5_400_000, max_wait_by_channel_ms={"mail": 24 * HOUR_MS}
    )
    assert read(file, '[worker]\ntime = "event"').limits().max_future_ms is None


def test_the_default_limits_of_core_and_settings_are_the_same() -> None:
    assert Settings().limits() == Limits()
    assert Settings().policy("any") == Policy()
    assert verified(Settings(), "nowhere") == Settings()


@pytest.mark.parametrize(
    ("text", "ms"), [("250ms", 250), ("5s", 5_000), ("2m", 120_000), ("3h", 10_800_000), ("1d", 86_400_000)]
)
def test_durations(text: str, ms: int) -> None:
    assert milliseconds(text) == ms
    with pytest.raises(ValueError, match="x"):
        milliseconds(text + "x")
