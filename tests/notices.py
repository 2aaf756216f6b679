"""Notices for tests: one ordinary alert, and any notice that could be (Hypothesis)."""

from typing import Any

from hypothesis import strategies as st

from callpulse.alerts.core.notice import (
    Acknowledgement,
    Advice,
    Labels,
    Notice,
    Reading,
    WorstContact,
    notice_id,
)

ONSET_MS = 1_772_355_780_000  # 2026-03-01T09:03:00Z
MINUTE_MS = 60_000


def notice(kind: Any = "firing", *, minutes: float = 12, queue: str = "sales", **changed: Any) -> Notice:
    """Sales, short of agents for `minutes`."""
    at_ms = ONSET_MS + round(minutes * MINUTE_MS)
    labels = {
        "rule": "capacity",
        "queue": queue,
        "site": "main",
        "kpi": "service_level",
        "cause": "agents_missing",
        "severity": changed.pop("severity", "critical"),
        "rules": ("capacity", "harm"),
    }
    plain: dict[str, Any] = {
        "id": notice_id("capacity", queue, ONSET_MS),
        "kind": kind,
        "labels": Labels(**labels),
        "onset_ms": ONSET_MS,
        "at_ms": at_ms,
        "ended_ms": at_ms if kind == "resolved" else None,
        "value": 0.523,
        "target": 0.8,
        "n": 63,
        "bound": 0.61,
        "readings": (Reading("5m", 0.48, 21), Reading("15m", 0.523, 63)),
        "trend": "worsening",
        "worst_contacts": (WorstContact("c-17", 250.0, "abandoned"), WorstContact("c-21", 95.0, "waiting")),
        "advice": Advice(
            agents=11,
            level=0.66,
            abandonment=0.07,
            more=2,
            level_with_more=0.86,
            abandonment_with_more=0.025,
            in_time_needed=9,
        ),
        "worst": 0.41,
        "hurt": 31,
        "wall_url": "https://wall.example/?queues=sales",
        "runbook_url": "https://docs.example/runbook#capacity",
        "definition": "capacity@1",
    }
    return Notice(**(plain | changed))


_MS = st.integers(0, 4_000_000_000_000)
_TEXT = st.one_of(
    st.text(max_size=30),
    st.text("*_`[]()<>&\"'\\#!|~{}\n\r\t\u202e\u2028\x00$@", max_size=30),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=4), st.integers(100, 600)),
)
_RATIO = st.floats(0, 1)
_VALUE = st.one_of(st.none(), _RATIO, st.floats(0, 1e7))
_COUNT = st.one_of(st.none(), st.integers(0, 10**9))


def _tuples(each: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.one_of(
        st.lists(each, max_size=4).map(tuple),
        st.builds(lambda one, times: (one,) * times, each, st.integers(1, 500)),
    )


def _built(cls: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(fields).map(lambda values: cls(**values))


any_labels = _built(
    Labels,
    rule=_TEXT,
    queue=_TEXT,
    site=_TEXT,
    kpi=st.one_of(st.just("service_level"), _TEXT),
    cause=st.one_of(st.just("agents_missing"), _TEXT),
    severity=st.sampled_from(["warning", "critical"]),
    rules=_tuples(_TEXT),
)
_advice = _built(
    Advice,
    agents=_COUNT,
    level=st.one_of(st.none(), _RATIO),
    abandonment=st.one_of(st.none(), _RATIO),
    more=_COUNT,
    level_with_more=st.one_of(st.none(), _RATIO),
    abandonment_with_more=st.one_of(st.none(), _RATIO),
    in_time_needed=_COUNT,
    interval_lost=st.booleans(),
    minutes_left=st.one_of(st.none(), st.floats(0, 1e4)),
)
_outcomes = st.sampled_from(["waiting", "answered", "abandoned", "exited", "lost"])
any_notice = _built(
    Notice,
    id=st.one_of(st.just(notice_id("capacity", "sales", 1)), _TEXT),
    kind=st.sampled_from(["firing", "escalated", "de_escalated", "repeat", "acknowledged", "resolved"]),
    labels=any_labels,
    onset_ms=_MS,
    at_ms=_MS,
    ended_ms=st.one_of(st.none(), _MS),
    unit=st.sampled_from(["ratio", "s", "count"]),
    value=_VALUE,
    target=_VALUE,
    n=_COUNT,
    bound=_VALUE,
    readings=_tuples(_built(Reading, window=st.one_of(st.just("now"), _TEXT), value=_VALUE, n=_COUNT)),
    trend=st.sampled_from([None, "worsening", "steady", "improving"]),
    worst_contacts=_tuples(_built(WorstContact, contact_id=_TEXT, wait_s=st.floats(0, 1e6), outcome=_outcomes)),
    advice=st.one_of(st.none(), _advice),
    acknowledged=st.one_of(st.none(), _built(Acknowledgement, by=_TEXT, at_ms=_MS, why=_TEXT)),
    worst=_VALUE,
    hurt=_COUNT,
    queues=_tuples(_TEXT),
    sources=_tuples(_TEXT),
    wall_url=st.one_of(st.just("https://wall.example/?a=b"), _TEXT, _TEXT.map("https://wall.example/{}".format)),
    runbook_url=_TEXT,
    definition=_TEXT,
)
