"""What the doctor says of what was seen: each trouble once, in a sentence that ends with what to do."""

import pytest
import yaml
from msgspec.structs import replace

from callpulse.current.keys import Keys
from callpulse.doctor import here
from callpulse.doctor.clock_checks import redis_clock
from callpulse.doctor.finding import Finding, Level, fail, failed, listed, ok
from callpulse.doctor.http import BEGINNING, Answer, beginning, shown
from callpulse.doctor.kafka_checks import kafka_findings
from callpulse.doctor.prometheus import Seen as Prometheus
from callpulse.doctor.prometheus import Target, prometheus_findings, rule_names
from callpulse.doctor.redis_checks import redis_findings
from callpulse.doctor.redis_look import address, commands
from callpulse.doctor.seen import Clocks, Copies, Group, Kafka, Redis, Rights
from callpulse.edges.rights import redis_rules
from callpulse.monitoring.run import everything
from callpulse.settings import Settings
from callpulse.stream.topic_list import TOPICS, changelogs
from callpulse.stream.topics import Found
from callpulse.stream.transport.notes import Mark, marked_note, note

SETTINGS = Settings()
KEYS = Keys("main")
PREFIX = "callpulse"
CALLS = "callpulse.calls"
ALL = {topic.name(PREFIX): Found(topic.partitions(8), topic.configs) for topic in TOPICS} | {
    name: Found(8, {"cleanup.policy": "compact"}) for name in changelogs(PREFIX)
}
WELL = Kafka(
    where="kafka:9092",
    brokers=3,
    topics=ALL,
    copies={name: (Copies(True, 3, 3),) * 8 for name in ALL},
    rights=Rights(),
    group=Group("Stable", (b"http://one-1",), {(CALLS, 0): (100, note(100, 5, of=8))}, {}, {(CALLS, 0): 110}),
    clocks=Clocks(50, {"pbx": 10}),
)
NOW = 1_795_262_400_000
REDIS = Redis(
    where="redis:6379/0",
    server="Redis 7.0.15",
    version=(7, 0, 15),
    policy="noeviction",
    denied=(),
    now_ms=NOW,
    queues=2,
    writers={"one-1": NOW - 500},
    heartbeats={"pbx": NOW - 1_000, "taken away": NOW - 90_000_000},
    alerts_ms=NOW - 2_000,
)
PROMETHEUS = Prometheus(
    "http://prometheus:9090", "", (Target("callpulse-worker", "worker:9464", True),), 1, {"r": ""}, alertmanagers=1
)


def of_kafka(**changed) -> list[Finding]:
    return list(kafka_findings(replace(WELL, **changed), SETTINGS, "worker"))


def of_redis(group: Group = WELL.group, **changed) -> list[Finding]:
    return list(redis_findings(replace(REDIS, **changed), "main", "worker", group, 60_000))


def of_prometheus(**changed) -> list[Finding]:
    return list(prometheus_findings(replace(PROMETHEUS, **changed), {"r": "prometheus/recording.yml"}))


def of_process(answer: Answer) -> Finding:
    return here.process("worker", "http://here:9464", answer, "main")


def topics(name: str, partitions: int | None = None, **configs: str) -> dict[str, Found]:
    told = {config.replace("_", "."): value for config, value in configs.items()}
    found = ALL[name]
    return ALL | {name: Found(partitions or found.partitions, {**found.configs, **told})}


def the_worst(findings: list[Finding]) -> Finding:
    """The only one that is not well."""
    (found,) = [finding for finding in findings if finding.level is not Level.OK]
    return found


def test_where_all_is_well_nothing_else_is_said():
    everything = [*of_kafka(), *of_redis(), *of_prometheus()]
    assert [str(finding) for finding in everything if finding.level is not Level.OK] == []
    assert not failed(everything)


KAFKA = {
    "away": ({"trouble": "no Kafka answers at kafka:9092"}, "fail", "no Kafka answers at kafka:9092"),
    "no producer ids": ({"idempotent": False}, "fail", "knows no idempotent producers"),
    "missing": ({"topics": {k: v for k, v in ALL.items() if k != CALLS}}, "fail", "callpulse.calls missing"),
    "partitions": (
        {"topics": topics(CALLS, 4)}, "fail", "callpulse.calls: the number of partitions is 4, expected 8",
    ),
    "policy": (
        {"topics": topics("callpulse.kpis", cleanup_policy="delete")}, "fail",
        "callpulse.kpis: cleanup.policy is delete, expected compact",
    ),
    "policy of a changelog": (
        {"topics": topics("callpulse.stream-contacts-changelog", cleanup_policy="delete")}, "fail",
        "expected compact: stored figures vanish",
    ),
    "policy of a changelog that may delete": (
        {"topics": topics("callpulse.stream-tallies_live-changelog", cleanup_policy="delete")}, "fail",
        "expected compact,delete: stored figures vanish",
    ),
    "retention of a changelog": (
        {"topics": topics(
            "callpulse.stream-tallies_interval-changelog", cleanup_policy="compact,delete", retention_ms="86400000"
        )}, "warn", "expected at least 1386000000: after a restart older figures may be gone",
    ),
    "timestamps": (
        {"topics": topics(CALLS, message_timestamp_type="CreateTime")}, "warn", "message.timestamp.type is CreateTime",
    ),
    "retention": ({"topics": topics(CALLS, retention_ms="3600000")}, "warn", "retention.ms is 3600000"),
    "compaction": (
        {"topics": topics("callpulse.kpis", segment_bytes="1073741824")}, "warn",
        "segment.bytes is 1073741824, expected at most 8388608",
    ),
    "size": (
        {"topics": topics("callpulse.alerts", max_message_bytes="1048588")}, "warn", "expected at least 4194304",
    ),
    "policies untold": ({"topics": ALL | {CALLS: Found(8)}}, "skip", "policies of callpulse.calls are not told"),
    "no leader": ({"copies": {CALLS: (Copies(False, 3, 3),)}}, "fail", "partitions without a leader"),
    "out of sync": ({"copies": {CALLS: (Copies(True, 3, 2),)}}, "warn", "copies are not in sync"),
    "one copy": ({"copies": {CALLS: (Copies(True, 1, 1),)}}, "warn", "one copy on 3 brokers"),
    "writes that stop": (
        {"topics": topics(CALLS, min_insync_replicas="3")}, "warn", "one broker away stops every write",
    ),
    "writes that are lost": (
        {"topics": topics(CALLS, min_insync_replicas="1")}, "warn", "a write can be lost with one broker",
    ),
    "no writes": (
        {"topics": topics(CALLS, min_insync_replicas="4")}, "fail", "nothing can be written",
    ),
    "rights": ({"rights": Rights(lacks="this user lacks Write")}, "fail", "this user lacks Write"),
    "rights untold": ({"rights": Rights(told=False)}, "skip", "does not tell what a user may do"),
    "rights not asked": ({"rights": Rights(), "untold": {"rights": "late"}}, "skip", "it could not be asked: late"),
    "no worker": ({"group": replace(WELL.group, members=())}, "warn", "none is running"),
    "rebalancing": (
        {"group": replace(WELL.group, state="PreparingRebalance")}, "warn", "1 in a group that is PreparingRebalance",
    ),
    "broken off": (
        {"group": replace(WELL.group, committed={(CALLS, 0): (100, marked_note(100, 5, Mark(16, None)))})}, "fail",
        "a repartition to 16 was broken off",
    ),
    "counted otherwise": (
        {"group": replace(WELL.group, committed={(CALLS, 0): (100, note(100, 5, of=4))})}, "fail",
        "figures were stored with 4 partitions, and kafka.partitions is 8",
    ),
    "lag": (
        {"group": replace(WELL.group, ends={(CALLS, 0): 10_100, (CALLS, 1): 20})}, "warn",
        "10,020 events not stored yet (callpulse.calls 10,020)",
    ),
    "group untold": ({"group": Group(), "untold": {"workers": "late"}}, "skip", "it could not be asked: late"),
    "refused": ({"refused": {"bad_value": 3}}, "warn", "refused in the last ten minutes: bad_value 3"),
    "wrongly keyed": (
        {"refused": {"wrong_partition": 1200, "future": 1}}, "fail", "wrong_partition 1,200, future 1; a producer keys",
    ),
    "refused untold": ({"untold": {"rejected": "late"}}, "skip", "it could not be asked: late"),
    "broker's clock": ({"clocks": Clocks(-3_000, {})}, "warn", "the broker's clock is 3.0 s ahead of this machine's"),
    "broker's clock far": ({"clocks": Clocks(60_000, {})}, "fail", "60.0 s behind this machine's"),
    "source's clock": ({"clocks": Clocks(0, {"pbx": 4_000})}, "warn", "source 'pbx' is 4.0 s ahead"),
    "source's clock far": ({"clocks": Clocks(0, {"pbx": 400_000})}, "fail", "its events are refused"),
    "clocks untold": ({"clocks": Clocks(), "untold": {"clocks": "late"}}, "skip", "it could not be asked: late"),
    "the broker's time on no event": (
        {"clocks": Clocks(came=True)}, "skip", "events carry no time of the broker here",
    ),
    "no clock": ({"clocks": Clocks()}, "skip", "the broker's clock is not known"),
}  # fmt: skip

OF_REDIS = {
    "away": ({"trouble": "Redis at redis:6379/0 does not answer (invalid password)"}, "fail", "invalid password"),
    "old": ({"version": (5, 0, 7), "server": "Redis 5.0.7"}, "fail", "Redis 5.0.7 at redis:6379/0 is too old"),
    "evicts": ({"policy": "allkeys-lru", "limit_bytes": 1}, "fail", "maxmemory-policy is allkeys-lru, which evicts"),
    "would evict": ({"policy": "volatile-ttl"}, "warn", "would evict figures once maxmemory is set"),
    "full": ({"used_bytes": 95, "limit_bytes": 100}, "warn", "95% of maxmemory are used"),
    "policy untold": ({"policy": None}, "skip", "its memory policy is not told"),
    "rights": ({"denied": ("PUBLISH", "XADD")}, "fail", "may not use PUBLISH, XADD"),
    "rights untold": ({"denied": None}, "skip", "its rights cannot be asked"),
    "clock untold": ({"untold": frozenset({"clocks"})}, "skip", "this user may not read them in Redis"),
    "figures untold": ({"untold": frozenset({"figures"}), "writers": {}}, "skip", "this user may not read them"),
    "alerts untold": ({"untold": frozenset({"alerts"}), "alerts_ms": None}, "skip", "this user may not read them"),
    "clock": ({"behind_ms": 12_000}, "fail", "the clock of Redis is 12.0 s behind this machine's"),
    "nothing": ({"writers": {}, "queues": 0, "heartbeats": {}}, "warn", "no queue of site 'main' has figures"),
    "stale": (
        {"writers": {"one-1": NOW - 60_000}, "heartbeats": {"pbx": NOW - 61_000}}, "warn",
        "nothing of site 'main' was written for 60 s",
    ),
    "stranger": (
        {"writers": {"one-1": NOW, "other-7": NOW}}, "fail",
        "site 'main' is also written by other-7, which is no worker of this group",
    ),
    "a silent source": (
        {"heartbeats": {"pbx": NOW - 75_000, "other": NOW}}, "warn",
        "'pbx' has sent no heartbeat for 75 s: its queues are blind",
    ),
    "nobody told": ({"alerts_ms": None}, "warn", "no alerts worker is running"),
    "alerts stopped": ({"alerts_ms": NOW - 31_000}, "warn", "no alerts worker is running"),
}  # fmt: skip

OF_PROMETHEUS = {
    "away": ({"trouble": "Prometheus at http://p:9090 does not answer (refused)"}, "fail", "does not answer"),
    "down": (
        {"targets": (Target("callpulse-worker", "worker:9464", False),)}, "fail",
        "does not reach worker:9464 (callpulse-worker)",
    ),
    "nothing": ({"targets": (), "telling": 0}, "fail", "has nothing of callpulse"),
    "rules": ({"rules": {}}, "warn", "1 of our 1 rules are not loaded: r"),
    "a rule that fails": ({"rules": {"r": "many-to-many matching"}}, "fail", "r: many-to-many matching"),
    "no alertmanager": ({"alertmanagers": 0}, "warn", "tells no Alertmanager"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("look", "changed", "level", "says"),
    [
        pytest.param(look, *case, id=f"{look.__name__} {name}")
        for look, cases in ((of_kafka, KAFKA), (of_redis, OF_REDIS), (of_prometheus, OF_PROMETHEUS))
        for name, case in cases.items()
    ],
)
def test_each_trouble_is_said_once_and_what_to_do(look, changed, level, says):
    found = the_worst(look(**changed))
    assert (found.level, says in found.says) == (level, True), found
    assert found.do or found.level is Level.SKIP
    assert "\n" not in str(found)


def test_who_has_just_left_the_group_is_no_stranger():
    assert the_worst(of_redis(writers={"gone-1": NOW - 60_000})).level is Level.WARN
    assert failed(of_redis(writers={"gone-1": NOW})) is True
    assert failed(of_redis(group=Group(), writers={"gone-1": NOW})) is False


def test_what_a_round_trip_takes_is_no_difference_of_clocks():
    assert redis_clock(2_500, 600).level is Level.OK
    assert redis_clock(2_500, 100).level is Level.WARN


def test_no_topics_yet_says_nothing_of_rights():
    found = {each.about: each for each in of_kafka(topics={}, copies={}, rights=Rights())}
    assert (found["rights"].level, found["rights"].says) == (Level.SKIP, "there are no topics yet")


@pytest.mark.parametrize(
    ("finding", "level"),
    [
        (of_process(Answer(0, "refused")), Level.SKIP),
        (of_process(Answer(200, "ready", site="main")), Level.OK),
        (of_process(Answer(404, "", site="main")), Level.WARN),
        (here.alertmanager("am", "http://am:9093", Answer(200, "OK")), Level.OK),
        (here.alertmanager("am", "http://am:9093", Answer(0, "refused")), Level.FAIL),
        (here.alertmanager("am", "http://am:9093", Answer(502, "")), Level.FAIL),
        (here.wall("http://wall/?key=secret", Answer(401, "")), Level.OK),
        (here.wall("http://wall/?key=secret", Answer(0, "refused")), Level.WARN),
    ],
)
def test_what_is_asked_over_http(finding, level):
    assert finding.level is level
    assert "secret" not in str(finding)


def test_a_worker_that_is_not_ready_says_why():
    found = of_process(Answer(503, "recovering: 2 of 8\nlag\n", site="main"))
    assert str(found) == (
        "WARN  worker: http://here:9464 is not ready: recovering: 2 of 8; lag. docs/OPERATIONS.md, What /readyz says"
    )


@pytest.mark.parametrize("status", [200, 503])
def test_who_listens_where_this_site_should_is_not_taken_for_it(status):
    other, stranger = of_process(Answer(status, "ready", site="demo")), of_process(Answer(status, "ready"))
    assert (other.level, stranger.level) == (Level.WARN, Level.WARN)
    assert other.says == "http://here:9464 is of site 'demo', not of 'main': another installation runs there"
    assert other.do == "Where this one is to run here too, give it another port"
    assert stranger.says == f"http://here:9464/readyz answers {status}, not as callpulse does"


def test_of_what_is_answered_a_cut_is_shown():
    assert beginning("a" * BEGINNING) == "a" * BEGINNING
    assert beginning("a" * BEGINNING + "b") == "a" * BEGINNING + "…"


def test_a_folder_that_cannot_be_made_fails(tmp_path):
    (tmp_path / "file").write_text("")
    assert [each.level for each in here.state_dir(tmp_path / "a" / "b")] == [Level.OK]
    assert [each.level for each in here.state_dir(tmp_path / "file" / "b")] == [Level.FAIL]


@pytest.mark.parametrize("url", ["redis://user:secret@host:6380/2", "rediss://:secret@host:6380/2"])
def test_no_password_is_shown(url):
    assert address(url) == "host:6380/2"
    assert shown("https://user:secret@host:9090/path?token=secret") == "https://host:9090"


@pytest.mark.parametrize("process", ["worker", "alerts", "wallboard"])
def test_what_is_asked_of_the_rights_in_redis_is_what_a_process_is_given(process):
    asked = {command[0] if command[0] != "SCRIPT" else "|".join(command[:2]) for command in commands(KEYS, process)}
    given = {rule.lstrip("+") for rule in redis_rules(process, KEYS.prefix) if rule.startswith("+")}
    assert {name.lower() for name in asked} == given


def test_an_address_that_is_no_name_is_shown_in_brackets():
    assert shown("http://[::1]:9090/secret") == "http://[::1]:9090"
    assert address("redis://[::1]:6380/2") == "[::1]:6380/2"


def test_the_rules_that_prometheus_should_have_are_those_that_are_generated():
    files = everything(SETTINGS)
    expected = {
        rule.get("alert") or rule["record"]: path
        for path in ("prometheus/recording.yml", "prometheus/alerts.yml")
        for group in yaml.safe_load(files[path])["groups"]
        for rule in group["rules"]
    }
    assert rule_names(SETTINGS) == expected


def test_a_line_says_how_bad_about_what_and_what_to_do():
    assert str(fail("redis", "it is away", "Start it")) == "FAIL  redis: it is away. Start it"
    assert str(ok("redis", "it is there")) == "OK    redis: it is there"
    assert listed("abcde") == "a, b, c and 2 more"
