"""A real Redis that speaks TLS alone and knows a user a process, each with its rights and no more."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pytest

from callpulse.demo import children
from callpulse.demo.children import free_port
from tests.certificates import Authority, Shown

PROGRAM = "redis-server"
needs_redis = pytest.mark.skipif(
    shutil.which(PROGRAM) is None,
    reason="redis-server is not installed. On Debian or Ubuntu: apt-get install redis-server",
)
ADMIN = "admin-Pa55=word"


class SecuredRedis:
    """Runs while its block does. `users`: name -> rules. `asks`: whether a certificate is asked for."""

    def __init__(
        self, folder: Path, ours: Authority, own: Shown, users: Mapping[str, list[str]], *, asks: bool = False
    ) -> None:
        folder.mkdir()
        self.port, self._log = free_port(), folder / "redis.log"
        acl = folder / "users.acl"
        lines = ["user default off", f"user admin on >{ADMIN} ~* &* +@all"]
        lines += [f"user {name} on >{password(name)} {' '.join(rules)}" for name, rules in users.items()]
        acl.write_text("\n".join(lines) + "\n")
        self._argv = [
            PROGRAM, "--port", "0", "--tls-port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--save", "", "--appendonly", "no", "--aclfile", str(acl), "--tls-cert-file", str(own.cert),
            "--tls-key-file", str(own.key), "--tls-ca-cert-file", str(ours.ca_file),
            "--tls-auth-clients", "yes" if asks else "no",
        ]  # fmt: skip

    def url(self, user: str, host: str = "127.0.0.1") -> str:
        return f"rediss://{user}@{host}:{self.port}/0"

    def __enter__(self) -> Self:
        self._child = children.start(self._argv, self._log)
        children.wait_until(lambda: children.accepts(self.port), self._child, "Redis", self._log, 15)
        return self

    def __exit__(self, *_: object) -> None:
        children.stop(self._child)


def password(user: str) -> str:
    return ADMIN if user == "admin" else f"{user}-Pa55=word"
