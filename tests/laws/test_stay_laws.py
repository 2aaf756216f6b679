"""Visits of a set of facts: the code and the slow reading of the text say the same."""

import random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from callpulse.stream.core import events as ev
from callpulse.stream.core.contacts import Stay, Visit, stay
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, FACT_OF, LOST, Fact
from tests.laws.made import START, calls, moments, told
from tests.laws.oracle import Read, Story, story

KIND = {ANSWERED: ev.Connected, ABANDONED: ev.Abandoned, EXITED: ev.Exited, LOST: ev.Lost}


def facts_of(events: list[ev.Call]) -> list[Fact]:
    return list(dict.fromkeys(FACT_OF[type(event)](event) for event in events))


def as_read(visit: Visit) -> Read:
    if visit.outcome is None:
        return Read(visit.arrival_ms, visit.ivr_ms)
    kind, at, wait, word = astuple(visit.outcome)
    read = (visit.arrival_ms, visit.ivr_ms, KIND[kind], at, wait, word)
    return Read(*read) if visit.handled is None else Read(*read, *astuple(visit.handled))


def as_story(found: Stay) -> Story:
    return Story([as_read(visit) for visit in found.visits], list(found.not_offered), list(found.unmatched))


def at(seconds: float) -> int:
    return START + round(seconds * 1000)


def enqueued(when: float) -> ev.Enqueued:
    return ev.Enqueued(at=at(when), queue="q", contact_id="c")


def connected(when: float, **stated: Any) -> ev.Connected:
    return ev.Connected(at=at(when), queue="q", contact_id="c", **stated)


@given(st.lists(calls(moments(8_000)), min_size=1, max_size=7))
@example([enqueued(0.5), enqueued(1), connected(1, wait_s=0.0)])
@example([enqueued(8), connected(8, wait_s=4.0)])
@settings(max_examples=300)
def test_the_visits_of_any_set_of_facts_are_those_of_the_text(events: list[ev.Call]) -> None:
    assert as_story(stay(facts_of(events))) == story(events)


@given(st.lists(calls(moments(2_000)), min_size=1, max_size=7))
@settings(max_examples=300)
def test_within_two_seconds_where_everything_meets_they_still_are(events: list[ev.Call]) -> None:
    assert as_story(stay(facts_of(events))) == story(events)


@given(told(moments(6_000)).filter(bool))
@settings(max_examples=400)
def test_visits_that_run_into_each_other_are_told_apart_as_the_text_does(events: list[ev.Call]) -> None:
    assert as_story(stay(facts_of(events))) == story(events)


@given(st.lists(calls(moments(4_000)), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(events: list[ev.Call], chance: random.Random) -> None:
    facts = facts_of(events)
    shuffled = chance.sample(facts, len(facts))
    assert stay(shuffled) == stay(facts)
