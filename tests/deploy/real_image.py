"""The image built for real and a worker run in it, without a container engine: `make try-image`.

Debian's own Python stands in for the base image: debootstrap lays it out, buildah runs the Dockerfile on it. The worker
is the first process of a space of processes of its own, as user 10001, on a disk that is mounted read-only, with the
network of this machine; the HEALTHCHECK is called beside it. Needs root, buildah, debootstrap, and a mirror of Debian.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callpulse import healthy
from callpulse.demo import parts
from callpulse.demo.children import free_port
from tests.deploy.dockerfile import ROOT
from tests.waiting import until

PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # of this machine, whose package index may have its own
NEEDED = ("buildah", "debootstrap", "unshare", "nsenter", "chroot")
LOCKED = (
    'mount --bind "$0" "$0" && mount -t tmpfs tmpfs "$0/tmp" && mount -t proc proc "$0/proc"'
    ' && mount -o remount,bind,ro "$0" && exec chroot --userspec=10001:10001 "$0" "$@"'
)
BASE, IMAGE = "localhost/callpulse-base:debian12", "localhost/callpulse:tried"


def main() -> None:
    """Says what was seen; ends with a sentence where something is missing or wrong."""
    lack = [name for name in NEEDED if shutil.which(name) is None]
    if lack or os.geteuid() != 0:
        sys.exit(f"this needs root, and on Debian: apt-get install buildah debootstrap (missing: {', '.join(lack)})")
    with tempfile.TemporaryDirectory(prefix="callpulse-real-") as name:
        folder = Path(name)
        _base(folder)
        with _image(folder) as tree:
            _worker(folder, tree)


def _base(folder: Path) -> None:
    _said("Debian and its Python, by debootstrap (some minutes)")
    tree = folder / "base"
    _ran("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(tree))
    (tree / "usr/bin/python").symlink_to("python3")
    shutil.copy(CERTIFICATES, tree / CERTIFICATES.relative_to("/"))
    container = _buildah(folder, "from", "scratch")
    _buildah(folder, "add", container, str(tree), "/")
    _buildah(folder, "commit", "--rm", container, BASE)


@contextmanager
def _image(folder: Path) -> Iterator[Path]:
    """Its tree of files, built by the Dockerfile as it is."""
    _said("the image, by buildah")
    how = ["--isolation", "chroot", "--format", "docker", "--env", f"PIP_CERT={CERTIFICATES}"]
    _buildah(folder, "build", *how, "--build-arg", f"PYTHON_IMAGE={BASE}", "--tag", IMAGE, str(ROOT))
    told = json.loads(_buildah(folder, "inspect", "--type", "image", IMAGE))["Docker"]["config"]
    assert told["User"] == "10001:10001"
    assert told["Entrypoint"] == ["callpulse"]
    assert told["Healthcheck"]["Test"] == ["CMD", "python", "-m", "callpulse.healthy"]
    container = _buildah(folder, "from", IMAGE)
    tree = Path(_buildah(folder, "mount", container))
    _said(f"built: {_megabytes(tree / 'opt/callpulse')} MB beside the base; gcc in it: {_has(tree, 'gcc')}")
    yield tree
    _buildah(folder, "rm", container)


def _worker(folder: Path, tree: Path) -> None:
    broker, valkey, port = parts.start_broker(folder), parts.start_valkey(folder), free_port()
    settings = {
        "CALLPULSE_KAFKA_BROKERS": broker.address,
        "CALLPULSE_REDIS_URL": valkey.url,
        "CALLPULSE_METRICS_PORT": str(port),
        "PATH": "/opt/callpulse/bin:/usr/bin:/bin",
    }
    given = [f"{name}={text}" for name, text in settings.items()]
    space = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", LOCKED, str(tree)]
    container = subprocess.Popen([*space, "/usr/bin/env", "-i", *given, "callpulse", "worker"])
    try:
        url = f"http://127.0.0.1:{port}/readyz"
        until(lambda: healthy.trouble(url) is None, "the worker is ready", 60)
        first = Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()[0]
        inside = ["nsenter", "--mount", "--pid", "--target", first, "chroot", "--userspec=10001:10001", str(tree)]
        asked = subprocess.run([*inside, "env", "-i", *given, "python", "-m", "callpulse.healthy"], check=False)
        written = subprocess.run([*inside, "touch", "/opt/callpulse/x"], check=False, capture_output=True, text=True)
        _said(f"the worker is ready as user {Path(f'/proc/{first}').stat().st_uid}; HEALTHCHECK: {asked.returncode}")
        _said(written.stderr.strip())
        assert asked.returncode == 0
        assert "Read-only file system" in written.stderr
        os.kill(int(first), signal.SIGTERM)  # unshare hears no SIGTERM while what it started runs
        assert container.wait(30) == 0
    finally:
        container.kill()  # and with it the worker, if it still runs
        container.wait()
        valkey.stop()
        broker.stop()


def _buildah(folder: Path, *words: str) -> str:
    store = ["--root", str(folder / "store"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
    told = _ran("buildah", *store, *words)
    return told if words[0] == "inspect" else (told.splitlines() or [""])[-1]


def _ran(*argv: str) -> str:
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(argv[:2])} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout.strip()


def _megabytes(tree: Path) -> int:
    return sum(file.lstat().st_size for file in tree.rglob("*")) // 1_000_000


def _has(tree: Path, program: str) -> bool:
    return (tree / "usr/bin" / program).exists()


def _said(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    main()
