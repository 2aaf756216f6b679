"""The benchmarks whose figures count on Apache Kafka run there."""

from tests.integration.test_bench import outcome_of


def test_a_worker_that_catches_up_is_measured_beside_stock_faust_too() -> None:
    found = outcome_of("throughput", "--events", "3000", "--stock-events", "200")
    assert {aim["figure"] for aim in found.aims} == {"ratio_same_core", "ratio_plain", "ratio_stock"}


def test_the_age_of_a_figure_is_measured_on_apache_kafka() -> None:
    options = ("--events", "300", "--rate", "300", "--queues", "40", "--history", "20")
    found = outcome_of("latency", "--broker", "apache", *options)
    assert found.figures["apache_300_per_s_40_of_40_p99_ms"]["median"] > 0


def test_another_does_the_simple_job_with_the_same_result_as_ours() -> None:
    """One of them; the benchmark itself compares the result of each with the truth."""
    found = outcome_of("peers", "--events", "5000", "--only", "kafka_streams", timeout_s=300)
    assert found.notes["left_out"] == []
    assert found.figures["ratio_kafka_streams"]["median"] > 0
    assert found.figures["ratio_kafka_streams_cpu"]["median"] > 0


def test_a_worker_starts_again_with_the_figures_it_had_and_another_takes_over() -> None:
    found = outcome_of("recovery", "--queues", "8", "--hours", "2", "--follow", "1", timeout_s=300)
    assert found.figures["first_value_s"]["median"] <= found.figures["all_values_s"]["median"]
    assert found.figures["changelogs_log_mb"]["median"] > 0
    assert {aim["figure"] for aim in found.aims} == {"first_value_s", "peak_mb", "served_again_s"}


def test_two_workers_are_measured_against_one() -> None:
    found = outcome_of("two", "--events", "5000", timeout_s=300)
    assert {aim["figure"] for aim in found.aims} == {"cpu_ratio", "relative_gain"}


def test_memory_is_followed_over_many_events() -> None:
    found = outcome_of("soak", "--events", "60000", timeout_s=300)
    assert found.figures["most_mb"]["median"] >= found.figures["end_mb"]["median"] > 10
    assert len(found.notes["curve_mb"]) >= 2


def test_the_wall_is_measured_from_the_event_to_the_pixel() -> None:
    options = {"--queues": 8, "--rate": 100, "--seconds": 2, "--updates": 8, "--minutes": 4, "--browsers": 10}
    found = outcome_of("wall", *(str(each) for option in options.items() for each in option), timeout_s=300)
    assert found.figures["event_to_pixel_p50_ms"]["median"] > 0
    assert len(found.aims) == 11
