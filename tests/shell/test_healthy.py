"""What the HEALTHCHECK of the image asks, by how the first process of the container was started."""

import asyncio
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpulse import cli, healthy
from callpulse.demo.children import free_port
from callpulse.settings import SettingsError


class Answers(http.server.BaseHTTPRequestHandler):
    """200 at /livez, 503 elsewhere."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("words", "environment", "asked"),
    [
        (["/opt/callpulse/bin/python", "/opt/callpulse/bin/callpulse", "worker", ""], {}, "127.0.0.1:9464"),
        (["/sbin/docker-init", "--", "callpulse", "worker", ""], {}, "127.0.0.1:9464"),
        (["callpulse", "alerts"], {"CALLPULSE_ALERTS_HOST": "0.0.0.0"}, "127.0.0.1:9465"),
        (["callpulse", "wallboard"], {"CALLPULSE_WALLBOARD_PORT": "80"}, "127.0.0.1:80"),
        (["callpulse", "worker", "--any-port"], {"CALLPULSE_METRICS_HOST": "::"}, "[::1]:9464"),
        (["callpulse", "worker"], {"CALLPULSE_METRICS_HOST": "10.0.0.7"}, "10.0.0.7:9464"),
    ],
)
def test_the_command_says_where_it_is_asked(words: list[str], environment: dict[str, str], asked: str) -> None:
    assert healthy.address(words, environment) == f"http://{asked}/livez"


def test_the_settings_file_of_the_command_is_read(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text("[metrics]\nport = 1234\n")
    for words in (["--config", str(file)], [f"--config={file}"]):
        assert healthy.address(["callpulse", *words, "worker"], {}) == "http://127.0.0.1:1234/livez"


@pytest.mark.parametrize("name", [name for name in cli.COMMANDS if name not in ("worker", "alerts", "wallboard")])
def test_a_command_that_serves_nothing_is_well_while_it_runs(name: str) -> None:
    words = ["callpulse", name]
    assert healthy.address(words, {}) is None
    assert healthy.main(words) == 0


def test_another_program_is_not_asked() -> None:
    assert healthy.address(["sleep", "infinity"], {}) is None


def test_an_answer_is_well_and_anything_else_is_told(port: int) -> None:
    assert healthy.trouble(f"http://127.0.0.1:{port}/livez") is None
    assert healthy.trouble(f"http://127.0.0.1:{port}/readyz") == f"http://127.0.0.1:{port}/readyz answers 503"
    nobody = f"http://127.0.0.1:{free_port()}/livez"
    assert (healthy.trouble(nobody) or "").startswith(f"{nobody} does not answer: ")


async def test_what_speaks_otherwise_is_told_in_a_sentence() -> None:
    async def garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"+PONG\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(garbage, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/livez"
        assert await asyncio.to_thread(healthy.trouble, url) == f"{url} does not answer: BadStatusLine('+PONG\\r\\n')"


def test_it_ends_with_the_exit_code_that_an_engine_knows(
    port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLPULSE_METRICS_PORT", str(port))
    assert healthy.main(["callpulse", "worker"]) == 0
    monkeypatch.setenv("CALLPULSE_METRICS_PORT", str(free_port()))
    assert healthy.main(["callpulse", "worker"]) == 1
    assert "/livez does not answer" in capsys.readouterr().out


def test_settings_that_cannot_be_used_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLPULSE_METRICS_PORT", "high")
    with pytest.raises(SettingsError):
        healthy.address(["callpulse", "worker"])
    assert healthy.main(["callpulse", "worker"]) == 1
    assert "CALLPULSE_METRICS_PORT" in capsys.readouterr().out
