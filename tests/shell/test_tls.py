"""Certificates and keys from files: what each that cannot be used is told to be. And words for why Kafka is shut."""

import os
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)

from callpulse.clock import now_ms
from callpulse.edges.tls import Files, OwnCertificate, client_context, expired
from callpulse.kafka.why import why
from callpulse.settings import SettingsError
from tests.certificates import Authority


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_a_certificate_with_its_key_is_taken_in_one_file_or_in_two_with_a_password_or_without(ours: Authority) -> None:
    plain, shut = ours.issue("plain"), ours.issue("shut", password="swordfish")
    client_context(Files("kafka", str(ours.ca_file), str(plain.both)))
    client_context(Files("kafka", str(ours.ca_file), str(plain.cert), str(plain.key)))
    context = OwnCertificate(Files("metrics", "", str(shut.cert), str(shut.key), "swordfish")).context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_who_connects_verifies_the_other_side_and_its_name(ours: Authority) -> None:
    context = client_context(Files("kafka", str(ours.ca_file)))
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_what_people_write_beside_certificates_is_passed_over(ours: Authority, tmp_path: Path) -> None:
    """A bundle of a company names its authorities in its own language."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"# Zertifizierungsstelle Köln\n{ours.ca_file.read_text()}", encoding="utf-8")
    assert len(client_context(Files("kafka", str(bundle))).get_ca_certs()) == 1


def _written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def _piped(path: Path) -> str:
    os.mkfifo(path)
    return str(path)


FAULTS: dict[str, tuple[Callable[[Authority, Path], Files], str]] = {
    "no file of authorities": (
        lambda ours, at: Files("kafka", str(at / "none.pem")),
        r"kafka\.ca_file = '.*none\.pem': cannot be read \(No such file or directory\); expected a PEM file$",
    ),
    "a folder": (
        lambda ours, at: Files("kafka", str(at)),
        r"kafka\.ca_file = '.*': cannot be read \(Is a directory\)",
    ),
    "a pipe": (
        lambda ours, at: Files("kafka", "", str(ours.issue("x").cert), _piped(at / "key")),
        r"kafka\.key_file = '.*key': cannot be read \(not a regular file\); expected a PEM file$",
    ),
    "no certificates": (
        lambda ours, at: Files("redis", str(ours.issue("x").key)),
        r"redis\.ca_file = '.*': holds no certificates; expected a PEM file of those to trust$",
    ),
    "an empty file of authorities": (
        lambda ours, at: Files("kafka", _written(at / "empty.pem", "")),
        r"kafka\.ca_file = '.*': holds no certificates",
    ),
    "a path that is none": (
        lambda ours, at: Files("kafka", str(at / "ca\0.pem")),
        r"kafka\.ca_file = '.*': cannot be read \(embedded null byte\); expected a PEM file$",
    ),
    "no file of the key": (
        lambda ours, at: Files("kafka", "", str(ours.issue("x").cert), str(at / "key.pem")),
        r"kafka\.key_file = '.*key\.pem': cannot be read",
    ),
    "no key": (
        lambda ours, at: Files("kafka", "", str(ours.issue("x").cert)),
        r"kafka\.cert_file = '.*': cannot be used with its key",
    ),
    "the key of another": (
        lambda ours, at: Files("kafka", "", str(ours.issue("x").cert), str(ours.issue("y").key)),
        r"kafka\.key_file = '.*y-key\.pem': is not the key of kafka\.cert_file = '.*x-cert\.pem'$",
    ),
    "a password is missing": (
        lambda ours, at: Files("kafka", "", str((made := ours.issue("x", password="s")).cert), str(made.key)),
        r"kafka\.key_password: is missing; the key in '.*x-key\.pem' has a password$",
    ),
    "a password is wrong": (
        lambda ours, at: Files("kafka", "", str((made := ours.issue("x", password="s")).cert), str(made.key), "guess"),
        r"kafka\.key_password: is wrong; the key in '.*x-key\.pem' has a password$",
    ),
    "expired": (
        lambda ours, at: Files("kafka", "", str(ours.issue("x", expired=True).both)),
        r"kafka\.cert_file = '.*': expired on \d{4}-.*Z; expected one that is valid, nobody takes this one$",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_file_that_cannot_be_used_is_a_sentence_with_its_setting(ours: Authority, tmp_path: Path, what: str) -> None:
    make, said = FAULTS[what]
    with pytest.raises(SettingsError, match=said):
        client_context(make(ours, tmp_path))


def test_who_listens_with_an_expired_certificate_goes_on(ours: Authority) -> None:
    """Figures do not stop for it; whoever asks says so."""
    files = Files("metrics", "", str(ours.issue("x", expired=True).both))
    OwnCertificate(files)
    assert (expired(files, now_ms()) or "").startswith("expired on ")
    assert expired(Files("metrics", "", str(ours.issue("y").both)), now_ms()) is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, ""),
        (OSError("refused"), ""),
        (SaslAuthenticationFailed("no"), "it refuses the user or the password (kafka.username, kafka.password)"),
        (TopicAuthorizationFailedError({"b", "a"}), "this user lacks a right on topic a, b"),
        (TopicAuthorizationFailedError("a"), "this user lacks a right on topic a"),
        (
            TopicAuthorizationFailedError("Cannot create topic: a (29): Authorization failed."),
            "this user lacks a right on topic a (Create)",
        ),
        (GroupAuthorizationFailedError("g"), "this user lacks Read on group g"),
    ],
)
def test_why_kafka_is_shut_is_said_in_words_that_name_the_setting(error: BaseException | None, said: str) -> None:
    assert why(error) == said
    wrapped = KafkaConnectionError("closed")
    wrapped.__cause__ = error
    assert why(wrapped) == said
