"""A real Prometheus for tests: looks once a second, keeps what it sees in a folder of the test, answers PromQL.

with Prometheus(tmp_path, scraping({"callpulse-worker": [port]})) as prometheus:
    await prometheus.scraped()
    prometheus.ask("callpulse_visits_waiting")
"""

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest

from callpulse.clock import now_ms
from callpulse.demo import children
from tests.waiting import until, until_async

PROGRAM, TOOL = "prometheus", "promtool"
PATIENCE_S = 30.0
EVERY_S = 1

needs_prometheus = pytest.mark.skipif(
    shutil.which(PROGRAM) is None or shutil.which(TOOL) is None,
    reason="prometheus or promtool is not installed. On Debian or Ubuntu: apt-get install --no-install-recommends "
    "prometheus",
)


class Series(NamedTuple):
    """One series of an answer."""

    labels: dict[str, str]
    value: float


def scraping(
    jobs: Mapping[str, Sequence[int]],
    *,
    rules: Sequence[Path] = (),
    alertmanagers: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A configuration. `jobs`: name -> ports on this machine; `alertmanagers`: host:port; `labels`: of every target."""
    found = [
        {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in ports],
                                              "labels": dict(labels or {})}]}
        for job, ports in jobs.items()
    ]  # fmt: skip
    told = [{"static_configs": [{"targets": list(alertmanagers)}]}] if alertmanagers else []
    return {
        "global": {"scrape_interval": f"{EVERY_S}s", "evaluation_interval": f"{EVERY_S}s"},
        "scrape_configs": found,
        "rule_files": [str(path.resolve()) for path in rules],
        "alerting": {"alertmanagers": told},
    }


def promtool(*argv: str, told: bytes = b"") -> tuple[int, str]:
    """(exit code, all that it said) of a run with `told` as its input."""
    argv = (shutil.which(TOOL) or TOOL, *argv)
    done = subprocess.run(argv, input=told, capture_output=True, check=False, timeout=PATIENCE_S)
    return done.returncode, (done.stdout + done.stderr).decode()


class Prometheus:
    """Runs while its block does. `config` as its file would say it."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder = folder / "prometheus"
        self._config = config
        self.url = f"http://127.0.0.1:{children.free_port()}"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        self._write(self._config)
        options = (
            f"--config.file={self._file}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
            "--web.enable-lifecycle",
            "--query.lookback-delta=5s",
            "--rules.alert.resend-delay=1s",
        )
        self._child = children.start([PROGRAM, *options], self._folder / "log")
        try:
            until(self._is_ready, "Prometheus is ready", PATIENCE_S, self.log)
        except BaseException:
            children.kill(self._child)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        children.stop(self._child)

    @property
    def _file(self) -> Path:
        return self._folder / "prometheus.yml"

    def _write(self, config: Mapping[str, Any]) -> None:
        self._file.write_text(json.dumps(config))  # JSON is YAML

    def _is_ready(self) -> bool:
        try:
            return b"Ready" in self._get("/-/ready")
        except OSError:
            return False

    def log(self) -> str:
        """What it said."""
        return (self._folder / "log").read_text()

    def follow(self, config: Mapping[str, Any]) -> None:
        """From now on by another configuration."""
        self._write(config)
        self._get("/-/reload", b"")

    # -- asking

    def ask(self, query: str, at_ms: int | None = None) -> list[Series]:
        """What an instant query finds, now or at `at_ms`. A query that is wrong is an AssertionError that says why."""
        found = self.api("query", query=query, time=f"{(now_ms() if at_ms is None else at_ms) / 1000:.3f}")
        if found["resultType"] == "scalar":
            return [Series({}, float(found["result"][1]))]
        return [Series(each["metric"], float(each["value"][1])) for each in found["result"]]

    def value(self, query: str, at_ms: int | None = None) -> float:
        """The same of a query with one answer."""
        (found,) = self.ask(query, at_ms)
        return found.value

    def api(self, path: str, **asked: str) -> Any:
        """`data` of an answer of /api/v1."""
        try:
            answer = json.loads(self._get(f"/api/v1/{path}?{urllib.parse.urlencode(asked)}"))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{asked}: {error.read().decode()}") from None
        return answer["data"]

    def _get(self, path: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(self.url + path, data=body, timeout=PATIENCE_S) as answer:
            found: bytes = answer.read()
        return found

    # -- waiting

    async def scraped(self) -> None:
        """Every target has been asked since now, whether it answered or not."""
        since_ms = now_ms()
        await until_async(lambda: self._has_asked(since_ms), "asked every target", PATIENCE_S, self.log)

    async def heard(self, *ports: int) -> None:
        """These have answered since now, and nothing went wrong with that since."""
        since_ms = now_ms()

        def answered() -> bool:
            up = {each.labels["instance"] for each in self.ask(f"timestamp(up == 1) * 1000 >= {since_ms}")}
            return up >= {f"127.0.0.1:{port}" for port in ports}

        await until_async(answered, f"{ports} answered", PATIENCE_S, self.log)

    def _has_asked(self, since_ms: int) -> bool:
        """By what is stored: `up` is written together with the samples of its scrape."""
        at = {(each.labels["job"], each.labels["instance"]): each.value for each in self.ask("timestamp(up) * 1000")}
        targets = [target["labels"] for target in self.api("targets", state="active")["activeTargets"]]
        return bool(targets) and all(at.get((each["job"], each["instance"]), 0) >= since_ms for each in targets)

    async def says(self, query: str, within_s: float = PATIENCE_S) -> list[Series]:
        """What a query finds, once it finds anything."""
        found: list[Series] = await until_async(lambda: self.ask(query), query, within_s, self.log)
        return found
