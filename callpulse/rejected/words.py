"""Refused records in words. What was found in a record may be about a person: it is told only where it is asked for."""

import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from msgspec.structs import asdict

from callpulse.board.figures import clock, local
from callpulse.rejected.choosing import Found, Group
from callpulse.rejected.record import Refused
from callpulse.rejected.retrying import Outcome
from callpulse.stream.core.events import Reason
from callpulse.stream.pseudonyms import AgentNames

WITHOUT_NAMES = frozenset({Reason.WRONG_PARTITION})  # it shows queues and pseudonyms alone
_FOUND = re.compile(r"'.*'|\".*\"", re.DOTALL)


def said(reason: str, detail: str, raw: bool) -> str:
    """The detail, without what was found unless `raw`."""
    return detail if raw or reason in WITHOUT_NAMES else _FOUND.sub("'…'", detail)


def owner(refused: Refused, names: AgentNames) -> str:
    """Whose record it is, as far as it says: a queue, or an agent by the name that may be shown."""
    agent, queues = refused.names()
    if queues and not refused.topic.endswith(".agents"):
        return f"queue {queues[0]}"
    return f"agent {names.of(agent)}" if agent else "–"


def line(refused: Refused, retried: bool, zone: tzinfo, *, raw: bool, names: AgentNames) -> Iterator[str]:
    """One record, in one line; with `raw` its key and value below."""
    place = f"{refused.topic}/{refused.partition}/{refused.offset}"
    again = ", sent again" if retried else ""
    field = f" {refused.field}" if refused.field else ""
    day = local(refused.refused_ms, zone).strftime("%Y-%m-%d")
    yield (
        f"{day} {clock(refused.refused_ms, zone)}  {refused.reason}{field}{again}  {place}  "
        f"{owner(refused, names)}  {said(refused.reason, refused.detail, raw)}"
    )
    if raw:
        yield f"    key {_shown(refused.key)}  value {_shown(refused.value)}"


def summary(groups: Mapping[tuple[str, str], Group], zone: tzinfo, *, raw: bool) -> Iterator[str]:
    """A line for each reason and topic, the most first, and an example below each."""
    for (reason, topic), group in sorted(groups.items(), key=lambda item: -item[1].records):
        again = f", {group.retried:,} sent again" if group.retried else ""
        first, last = (local(at, zone).strftime("%Y-%m-%d %H:%M:%S") for at in (group.first_ms, group.last_ms))
        yield f"{group.records:>9,}  {reason}  {topic}{again}  {first} to {last}"
        if group.example:
            field = f"{group.example.field}: " if group.example.field else ""
            yield f"           {field}{said(reason, group.example.detail, raw)}"


def values(found: Found, *, raw: bool, names: AgentNames) -> dict[str, Any]:
    """For scripts: `{"records": [...], "groups": [...], "unread": n}`."""
    return {
        "records": [_value(refused, retried, raw, names) for refused, retried in found.newest],
        "groups": [
            {
                "reason": reason,
                "topic": topic,
                "records": group.records,
                "retried": group.retried,
                "first_ms": group.first_ms,
                "last_ms": group.last_ms,
                "example": group.example and _value(group.example, None, raw, names),
            }
            for (reason, topic), group in found.groups.items()
        ],
        "unread": found.unread,
    }


def outcome_lines(outcome: Outcome, applied: bool) -> Iterator[str]:
    """What was, or would be, done."""
    yield f"{'sent again' if applied else 'would be sent again'}: {_by(outcome.sent)}"
    if outcome.stay:
        yield f"{'not sent' if applied else 'would not be sent'}, to be refused again: {_by(outcome.stay)}"
        for why in outcome.stay:
            yield f"    {why}: {said(why, outcome.examples[why], raw=False)}"
    if outcome.before:
        yield f"sent again before: {outcome.before:,}"
    if outcome.unread:
        yield f"written by another version of callpulse, left alone: {outcome.unread:,}"


def _by(counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    parts = ", ".join(f"{reason} {count:,}" for reason, count in sorted(counts.items(), key=lambda item: -item[1]))
    return f"{total:,}" + (f" ({parts})" if parts else "")


def _shown(kept: str | dict[str, str] | None) -> str:
    if kept is None:
        return "none"
    return f"base64 {kept.get('base64', '')}" if isinstance(kept, dict) else kept


def _value(refused: Refused, retried: bool | None, raw: bool, names: AgentNames) -> dict[str, Any]:
    hidden = () if raw else ("key", "value")
    fields = {name: value for name, value in asdict(refused).items() if name not in ("v", "at", *hidden)}
    told = {"at": refused.at, "owner": owner(refused, names)}
    if retried is not None:
        told["retried"] = retried
    return fields | told | {"detail": said(refused.reason, refused.detail, raw)}
