"""Tables of calls by a mapping: each row is its events, a counted skip, or a refusal with column and expectation."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from callpulse.sources.csv_mapping import load_mapping, parse_mapping
from callpulse.sources.csv_rows import CsvRows
from callpulse.sources.names import CustomerKey
from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import (
    Abandoned,
    Connected,
    Ended,
    Enqueued,
    Exited,
    NotOffered,
    Reason,
    Rejected,
    WrappedUp,
)
from callpulse.stream.core.wire import parse_time
from tests.data import shared_data

MAPPINGS = Path(__file__).parents[2] / "examples/mappings"
SMALL = """
[time]
zone = "Europe/Amsterdam"
format = "%Y-%m-%d %H:%M:%S"
[call]
queue = "Queue"
contact_id = "Id"
arrived = "Start"
wait_s = "Wait"
[[row]]
when.Result = ["OK", "Answered"]
is = "answered"
agent = "Agent"
talk_s = { column = "Talk", unit = "h:m:s" }
wrap_up_s = { column = "Wrap", unit = "min" }
[[row]]
when.Result = "Gone"
when.Wait = { below = 3 }
is = "skip"
[[row]]
when.Result = "Gone"
is = "abandoned"
[[row]]
when.Result = { starts_with = "Exit" }
is = "exited"
cause = "timeout"
[[row]]
when.Result = { empty = true }
is = "waiting"
"""
HEADER = "Id,Queue,Start,Wait,Result,Agent,Talk,Wrap"
START = parse_time("2026-11-21T09:00:00+01:00")


def read(*rows: str, mapping: str = SMALL, header: str = HEADER, key: CustomerKey | None = None) -> list[Any]:
    lines = [line + "\n" for line in (header, *rows)]
    return [e for _, events in CsvRows(parse_mapping(mapping.encode()), key).rows(lines) for e in events]


def test_an_answered_row_is_the_whole_life_of_a_visit() -> None:
    assert read("a1,sales,2026-11-21 09:00:00,12.5,OK,7001,0:01:30,0.5") == [
        Enqueued(at=START, queue="sales", contact_id="a1"),
        Connected(at=START + 12_500, queue="sales", contact_id="a1", agent="7001", wait_s=12.5),
        Ended(at=START + 102_500, queue="sales", contact_id="a1", agent="7001", talk_s=90),
        WrappedUp(at=START + 132_500, queue="sales", contact_id="a1", agent="7001", wrap_up_s=30),
    ]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("a1,sales,2026-11-21 09:00:00,12,Gone,,,", Abandoned),
        ("a1,sales,2026-11-21 09:00:00,12,ExitTimeout,,,", Exited),
        ("a1,sales,2026-11-21 09:00:00,,,,,", Enqueued),
    ],
)
def test_the_first_kind_whose_conditions_hold_decides(row: str, kind: type) -> None:
    assert type(read(row)[-1]) is kind


@pytest.mark.parametrize(
    ("condition", "holds", "does_not"),
    [
        ('"12"', "12", "12.0"),
        ("12", "12.0", "13"),
        ('["12", "13"]', "13", "14"),
        ('{ not = "12" }', "13", "12"),
        ('{ not = ["12", "13"] }', "14", "13"),
        ("{ above = 12 }", "12.5", "12"),
        ("{ below = 12 }", "11", "12"),
        ("{ at_least = 12, at_most = 14 }", "14", "15"),
        ("{ at_least = 12 }", "12", "soon"),
        ('{ starts_with = "1", not = "12" }', "13", "12"),
    ],
)
def test_conditions_on_a_column(condition: str, holds: str, does_not: str) -> None:
    mapping = SMALL.replace('when.Result = "Gone"\nwhen.Wait = { below = 3 }', f"when.Talk = {condition}")
    gone = "a1,sales,2026-11-21 09:00:00,5,Gone,,{},"
    assert read(gone.format(holds), mapping=mapping) == []
    assert len(read(gone.format(does_not), mapping=mapping)) == 2


def test_phases_without_a_wait_follow_from_their_moments() -> None:
    mapping = SMALL.replace('wait_s = "Wait"', 'at = "Agent"\nended = "Talk"').replace(
        'agent = "Agent"\ntalk_s = { column = "Talk", unit = "h:m:s" }', ""
    )
    row = "a1,sales,2026-11-21 09:00:00,,OK,2026-11-21 09:00:12,2026-11-21 09:{}:00,"
    events = read(row.format("02"), mapping=mapping)
    assert [(e.at - START) // 1000 for e in events] == [0, 12, 120]
    assert (events[1].wait_s, events[2].talk_s) == (None, None)
    assert read("a1,sales,2026-11-21 09:02:00,,OK,2026-11-21 09:03:00,2026-11-21 09:00:00,", mapping=mapping) == [
        Rejected(Reason.BAD_VALUE, "Talk", "before the answer; expected a later time")
    ]


def test_rows_to_skip_are_counted() -> None:
    rows = CsvRows(parse_mapping(SMALL.encode()))
    lines = [HEADER + "\n", "a1,sales,2026-11-21 09:00:00,2,Gone,,,\n", "\n"]
    assert [events for _, events in rows.rows(lines)] == [[], []]
    assert rows.skipped == {"[[row]] number 2": 1, "(blank)": 1}


@pytest.mark.parametrize(
    ("row", "reason", "column", "expected"),
    [
        ("a1,sales,21-11-2026 9.00,12,OK,,,", Reason.BAD_VALUE, "Start", "'99-99-9999 9.99'; expected %Y-%m-%d"),
        ("a1,sales,2026-11-21 09:00:00,soon,OK,,,", Reason.BAD_LINE, "Wait", "'aaaa'; expected a duration"),
        ("a1,sales,2026-11-21 09:00:00,nan,OK,,,", Reason.BAD_LINE, "Wait", "expected a duration"),
        ("a1,sales,2026-11-21 09:00:00,-5,OK,,,", Reason.BAD_VALUE, "Wait", "negative_is_unknown = true"),
        ("a1,sales,2026-11-21 09:00:00,,OK,,,", Reason.NO_ARRIVAL, "", "no wait"),
        ("a1,,2026-11-21 09:00:00,5,OK,,,", Reason.BAD_LINE, "queue", "empty"),
        (",sales,2026-11-21 09:00:00,5,OK,,,", Reason.BAD_LINE, "contact_id", "empty"),
        ("a1,sales,2026-11-21 09:00:00,5,Later,,,", Reason.BAD_LINE, "", "no [[row]] of the mapping fits"),
        ("a1,sales,2026-11-21 09:00:00,5", Reason.BAD_LINE, "", "4 columns; expected 8"),
    ],
)
def test_a_row_that_cannot_be_read_names_column_and_expectation(
    row: str, reason: Reason, column: str, expected: str
) -> None:
    [refused] = read(row)
    assert (refused.reason, refused.field) == (reason, column)
    assert expected in refused.detail


def test_refusals_do_not_repeat_a_telephone_number() -> None:
    [refused] = read("a1,sales,0612345678,5,OK,,,")
    assert "0612345678" not in refused.detail
    assert "9999999999" in refused.detail


def test_the_line_number_counts_lines_within_quotes() -> None:
    lines = [HEADER + "\n", '"a\n', '1",sales,2026-11-21 09:00:00,12,Gone,,,\n', "x\n"]
    numbered = list(CsvRows(parse_mapping(SMALL.encode())).rows(lines))
    assert [number for number, _ in numbered] == [3, 4]


class TestTimes:
    DAY = """
        [time]
        zone = "Europe/Amsterdam"
        format = "%H:%M:%S"
        day = { column = "Day", format = "%d-%m-%Y", of = "Start" }
        [[row]]
        is = "answered"
        queue = { text = "sales" }
        contact_id = ["Day", "Start"]
        arrived = "Start"
        at = "Answer"
        """

    def times(self, *cells: str, mapping: str = DAY, header: str = "Day,Start,Answer") -> list[int]:
        return [event.at for event in read(",".join(cells), mapping=mapping, header=header)]

    def test_a_wait_crosses_midnight(self) -> None:
        arrived, answered = self.times("20-11-2026", "23:59:54", "0:00:27")
        assert arrived == parse_time("2026-11-20T23:59:54+01:00")
        assert answered - arrived == 33_000

    def test_summer_time_ends_within_a_wait(self) -> None:
        arrived, answered = self.times("25-10-2026", "02:59:50", "02:00:10")
        assert arrived == parse_time("2026-10-25T02:59:50+02:00")
        assert answered - arrived == 20_000

    def test_an_answer_before_the_arrival_is_refused(self) -> None:
        [refused] = read("20-11-2026,12:00:00,11:59:00", mapping=self.DAY, header="Day,Start,Answer")
        assert (refused.reason, refused.field) == (Reason.BAD_VALUE, "Answer")

    @pytest.mark.parametrize(
        ("form", "text"),
        [
            ("iso", "2026-11-21T09:00:00+01:00"),
            ("iso", "2026-11-21T09:00:00"),
            ("epoch_s", "1795248000"),
            ("epoch_ms", "1795248000000"),
            ("%d/%m/%Y %I:%M %p", "21/11/2026 09:00 AM"),
            ("%Y-%m-%dT%H:%M:%S%z", "2026-11-21T08:00:00Z"),
        ],
    )
    def test_ways_to_write_a_moment(self, form: str, text: str) -> None:
        mapping = SMALL.replace("%Y-%m-%d %H:%M:%S", form)
        assert read(f"a1,sales,{text},12,Gone,,,", mapping=mapping)[0].at == START


def test_values_renamed_prefixed_fixed_and_unknown() -> None:
    mapping = SMALL.replace(
        'queue = "Queue"',
        """queue = { column = "Queue", names = { 1 = "sales" }, prefix = "ams-" }
        channel = { text = "voice" }
        customer = { column = "Agent", unknown = ["0"] }""",
    )
    known, other = (
        read(f"a1,1,2026-11-21 09:00:00,5,Gone,{c},,", mapping=mapping, key=CustomerKey(b"k"))[0] for c in "70"
    )
    assert (known.queue, known.channel, other.customer) == ("ams-sales", "voice", None)
    assert len(known.customer) == 24
    assert read("a1,1,2026-11-21 09:00:00,5,Gone,7,,", mapping=mapping)[0].customer is None


def test_a_file_without_header_has_its_columns_in_the_mapping() -> None:
    columns = ", ".join(f'"{name}"' for name in HEADER.split(","))
    mapping = SMALL + f'[file]\ndelimiter = ";"\ncolumns = [{columns}]\n'
    lines = ["a1;sales;2026-11-21 09:00:00;12;Gone;;;\n"]
    [(number, events)] = CsvRows(parse_mapping(mapping.encode())).rows(lines)
    assert (number, len(events)) == (1, 2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('zone = "Europe/Amsterdam"', 'zone = "Amsterdam"', "time.zone: 'Amsterdam' is no time zone"),
        ('zone = "Europe/Amsterdam"', "", r"time: Object missing required field `zone`"),
        ('is = "abandoned"', 'is = "abandonned"', r"row\[2\].is: Invalid enum value 'abandonned'"),
        ('wait_s = "Wait"', "", r"number 1 \(is = 'answered'\): expected two of arrived, at"),
        ('contact_id = "Id"', "", r"number 1 \(is = 'answered'\): contact_id is missing"),
        ('agent = "Agent"', 'agnet = "Agent"', r"row\[0\]: Object contains unknown field `agnet`"),
        ("[time]", "[time", "line"),
    ],
)
def test_a_wrong_mapping_names_file_key_and_expectation(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "calls.toml"
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(SourceError, match=message) as error:
        load_mapping(path)
    assert str(path) in str(error.value)


def test_a_column_that_the_file_lacks_is_named_with_those_it_has() -> None:
    with pytest.raises(SourceError, match=r"wait_s: there is no column 'Wait'; the file has 'Id', '…'"):
        read("a1,1", header="Id,0612345678,Queue,Start,Result,Agent,Talk")


@pytest.mark.parametrize(
    ("name", "group"), [("anonymous_bank", "by_type"), ("anonymous_bank_by_priority", "by_priority")]
)
def test_the_bank_gives_the_figures_computed_apart(name: str, group: str) -> None:
    options = SourceOptions(mapping=MAPPINGS / f"{name}.toml", log=QueueLogOptions(customer_key=CustomerKey(b"k")))
    count: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    contacts = set()
    rows: Iterable[Any] = open_source("csv", shared_data() / "anonymous_bank_1999-02.tsv.gz", options)
    for _, events in rows:
        for event in events:
            assert not isinstance(event, Rejected)
            contacts.add(event.contact_id)
            for queue in ("all", event.queue):
                _book(count[queue], event)
    expected = json.loads((shared_data() / "anonymous_bank_1999-02.expected.json").read_text())
    assert len(contacts) == expected["all"]["rows"]
    for queue, figures in {"all": expected["all"], **expected[group]}.items():
        got: dict[str, float] = dict(count.pop(queue))
        got["asa_mean"] = round(got.pop("wait") / got["answered"], 6)
        assert got == {kpi: figures[kpi] for kpi in got}, queue
    assert not count


def _book(count: dict[str, float], event: Any) -> None:
    match event:
        case Enqueued():
            count["offered"] += 1
        case Connected(wait_s=float() | int() as wait):
            count["answered"] += 1
            count["wait"] += wait
            count["answered_within_T"] += wait <= 20
        case Abandoned(wait_s=float() | int() as wait):
            count["abandoned"] += 1
            count["abandoned_within_T"] += wait <= 20
            count["short_abandons_lt5"] += wait < 5
        case Ended(talk_s=int() as talk):
            count["total_talk_seconds"] += talk
        case NotOffered(why=why):
            count["vru_hangs" if why == "menu" else why] += 1
