"""The two benchmarks whose figures count on Apache Kafka run there."""

from tests.integration.test_bench import outcome_of


def test_a_worker_that_catches_up_is_measured_beside_stock_faust_too() -> None:
    found = outcome_of("throughput", "--events", "3000", "--stock-events", "200")
    assert {aim["figure"] for aim in found.aims} == {"ratio_same_core", "ratio_plain", "ratio_stock"}


def test_the_age_of_a_figure_is_measured_on_apache_kafka() -> None:
    options = ("--events", "300", "--rate", "300", "--queues", "40", "--history", "20")
    assert outcome_of("latency", "--broker", "apache", *options).figures["apache_40_queues_p99_ms"]["median"] > 0
