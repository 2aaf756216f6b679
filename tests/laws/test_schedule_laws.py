"""The schedule of publishing says what a plain table of due times says, at any sequence of looks."""

from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.schedule import Schedule

CADENCE_MS = 5_000
QUEUES = st.sampled_from(["sales", "support", "billing", "x"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "done", "drop", "look"]), QUEUES, st.integers(0, 3_000)), max_size=60
)


@given(STEPS, st.integers(0, 10**12))
def test_what_is_due_is_what_a_table_says(steps: list[tuple[str, str, int]], now_ms: int) -> None:
    schedule, table = Schedule(CADENCE_MS), dict[str, int]()
    for step, queue, pause_ms in steps:
        now_ms += pause_ms
        if step == "add" and queue not in schedule:
            schedule.add(queue, now_ms)
            within = range(now_ms + 1, now_ms + CADENCE_MS + 1)  # never at once
            table[queue] = next(at for at in within if schedule.is_due(queue, at))
        elif step == "done" and queue in schedule:
            schedule.done(queue, now_ms)
            table[queue] = now_ms + CADENCE_MS
        elif step == "drop":
            schedule.drop(queue)
            table.pop(queue, None)
        due = {name for name, when in table.items() if when <= now_ms}
        assert set(schedule.due(now_ms)) == due
        assert {name for name in table if schedule.is_due(name, now_ms)} == due
        assert all(name in schedule for name in table)


@given(st.sets(st.text(min_size=1), min_size=1, max_size=50), st.integers(0, 10**12))
def test_every_queue_comes_once_per_cadence_wherever_it_begins(queues: set[str], now_ms: int) -> None:
    schedule = Schedule(CADENCE_MS)
    for queue in queues:
        schedule.add(queue, now_ms)
    seen: list[str] = []
    for at in range(now_ms, now_ms + CADENCE_MS + 100, 100):
        for queue in schedule.due(at):
            seen.append(queue)
            schedule.done(queue, at)
    assert set(seen) == queues
    assert all(seen.count(queue) <= 2 for queue in queues)
