"""Every secret can come from a file, and a file that holds none is a sentence."""

import os
from pathlib import Path

import pytest

from callpulse.settings import SettingsError, load
from callpulse.settings.faults import SECRET
from callpulse.settings.tables import sections
from callpulse.settings.variables import PREFIX

OTHERS = {  # what else has to be set beside it
    "CALLPULSE_KAFKA_PASSWORD": {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USERNAME": "ann"},
    "CALLPULSE_KAFKA_KEY_PASSWORD": {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_CERT_FILE": "cert.pem"},
    "CALLPULSE_REDIS_KEY_PASSWORD": {"REDIS_CERT_FILE": "cert.pem", "REDIS_URL": "rediss://localhost"},
    "CALLPULSE_METRICS_KEY_PASSWORD": {"METRICS_CERT_FILE": "cert.pem"},
    "CALLPULSE_METRICS_PASSWORD": {"METRICS_USERNAME": "ann"},
    "CALLPULSE_WALLBOARD_KEY_PASSWORD": {"WALLBOARD_CERT_FILE": "cert.pem"},
}
NAMES = [
    f"{PREFIX}{section}_{key}".upper()
    for section, table in sections().items()
    for key in table.__struct_fields__
    if key in SECRET
]


def environment(name: str, file: Path) -> dict[str, str]:
    return {f"{name}_FILE": str(file), **{PREFIX + key: value for key, value in OTHERS.get(name, {}).items()}}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_comes_from_a_file_without_its_end_of_line(name: str, end: str, tmp_path: Path) -> None:
    meant = "redis://:swordfish-swordfish@localhost" if name.endswith("URL") else "swordfish-swordfish"
    file = tmp_path / "secret"
    file.write_bytes((meant + end).encode())
    settings = load(None, environment(name, file))
    section, _, key = name.removeprefix(PREFIX).lower().partition("_")
    assert getattr(getattr(settings, section), key) == meant


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"", "is empty"), (b"\n", "is empty"), (b"a\nb\n", "has more than one line"),
     (b"\xff", "cannot be read")],
)  # fmt: skip
def test_a_file_that_holds_no_secret_is_said(name: str, content: bytes | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as error:
        load(None, environment(name, file))
    assert f"{name}_FILE = '{file}': {said}" in str(error.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_or_a_device_is_not_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", Path(os.devnull), Path("/dev/zero")):
        with pytest.raises(SettingsError) as error:
            load(None, environment(name, place))
        assert f"{name}_FILE = '{place}': cannot be read (not a regular file)" in str(error.value)


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    """As Kubernetes mounts a secret: `key -> ..data/key`, `..data -> ..2026_11_23`."""
    (tmp_path / "..2026_11_23").mkdir()
    (tmp_path / "..2026_11_23/key").write_text("swordfish\n")
    (tmp_path / "..data").symlink_to("..2026_11_23")
    (tmp_path / "key").symlink_to("..data/key")
    settings = load(None, environment("CALLPULSE_KAFKA_PASSWORD", tmp_path / "key"))
    assert settings.kafka.password == "swordfish"
