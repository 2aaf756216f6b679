"""How Faust has to be set up for the batch transport, each setting with its cause."""

from typing import Any


def faust_settings(
    *,
    brokers: str,
    partitions: int,
    member: str,
    replication: int = 1,
    session_timeout_s: float = 8.0,
    commit_interval_s: float = 1.0,
) -> dict[str, Any]:
    """Keyword arguments for `BatchApp`. `brokers` = "host:port,host:port"; `partitions` = N of the source topics;
    `member` = a name no other worker has (host and process id); `session_timeout_s` = how long a killed worker's
    partitions stay unserved."""
    return {
        "broker": [f"kafka://{each.strip()}" for each in brokers.split(",")],
        "store": "memory://",  # state lives in plain dictionaries and in the changelogs
        "topic_partitions": partitions,  # changelogs are made with it; otherwise PartitionsMismatch
        "topic_replication_factor": replication,
        "topic_disable_leader": True,  # a topic of Faust's own that nothing here needs
        "broker_session_timeout": session_timeout_s,
        "broker_heartbeat_interval": min(2.0, session_timeout_s / 6),  # several chances within a session
        "broker_rebalance_timeout": max(10.0, session_timeout_s),  # room for the last cut of every member
        "broker_commit_interval": commit_interval_s,  # how much is read again after a kill
        "broker_max_poll_records": 5_000,  # a batch: large enough to be cheap, small enough for one loop step
        "broker_check_crcs": False,  # TCP has checked them; a tenth of the CPU time
        "consumer_max_fetch_size": 1_048_576,
        "consumer_metadata_max_age_ms": 30_000,  # a topic made after the worker is found within this
        "producer_max_batch_size": 262_144,  # a cut in few requests
        "producer_request_timeout": 30.0,  # after this a cut is taken again; Faust's 20 minutes would block all
        "stream_buffer_maxsize": 16,  # in batches, not in events
        "stream_wait_empty": False,  # True hangs at SIGTERM (faust-streaming #527)
        "table_standby_replicas": 0,  # standbys take the slow path, and recovery is quick
        "recovery_consistency_check": False,  # wrong on brokers whose ListOffsets lags
        "web_enabled": False,  # figures are served by our own endpoint
        "canonical_url": f"http://{member}",  # the assignor tells members apart by it
        "worker_redirect_stdouts": False,  # stdout belongs to the program around us
    }
