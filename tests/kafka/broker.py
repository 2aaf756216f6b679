"""A real Apache Kafka on this machine, as ordinary processes: started, killed, started again, forgotten."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from callpulse.demo import children

HERE = Path(__file__).parent
LIBS = HERE / "libs"
POM = HERE / "pom.xml"
FETCHED_WITHIN_S = 900.0
HOW_TO_GET = "On Debian or Ubuntu: apt-get install --no-install-recommends openjdk-17-jre-headless maven"
JAVA = (
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}",
)

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}/logs
num.partitions=4
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


class MissingError(Exception):
    """Java or Maven is not there, or the jars could not be fetched; the message says how to get them."""


def missing() -> str | None:
    """What this machine lacks to run Apache Kafka, as a sentence, or None."""
    if (java := _java_version()) < 17:
        found = f"found Java {java}" if java else "found no Java"
        return f"Apache Kafka 4.1 needs Java 17 or later; {found}. {HOW_TO_GET}"
    if not _jars_complete() and shutil.which("mvn") is None:
        return f"Maven fetches the jars of Apache Kafka; found no mvn. {HOW_TO_GET}"
    return None


def fetch_jars() -> None:
    """The jars of pom.xml in tests/kafka/libs: fetched once, and again when pom.xml changes."""
    if lack := missing():
        raise MissingError(lack)
    if _jars_complete():
        return
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        fetched = _maven(Path(folder) / "libs")
        shutil.copy(POM, fetched / "pom.xml")  # the mark that this folder is complete, and for what
        shutil.rmtree(LIBS, ignore_errors=True)
        fetched.rename(LIBS)


def _maven(folder: Path) -> Path:
    argv = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = _ran(argv, FETCHED_WITHIN_S)
    if done.returncode:
        raise MissingError(f"Maven could not fetch Apache Kafka:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return folder


def _jars_complete() -> bool:
    mark = LIBS / "pom.xml"
    return mark.exists() and mark.read_bytes() == POM.read_bytes()


def _java_version() -> int:
    if shutil.which("java") is None:
        return 0
    said = _ran(["java", "-version"]).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def _ran(argv: list[str], within_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=within_s)


class ApacheKafka:
    """One node, broker and controller in one process, on free ports of 127.0.0.1, in a folder of its own.

    `options` are lines of server.properties that win over ours, e.g.
    {"log.message.timestamp.type": "LogAppendTime"};
    {port}, {controller} and {folder} in them are filled in.
    """

    format_options: tuple[str, ...] = ()  # further arguments of the tool that formats the storage

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        fetch_jars()
        self.folder = Path(tempfile.mkdtemp(prefix="callpulse-kafka-"))
        self.log = self.folder / "server.log"
        self.port = children.free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._properties = self.folder / "server.properties"
        self._child: children.Child | None = None
        try:
            self._configure(options or {})
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> "ApacheKafka":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process of the broker, for signals such as SIGSTOP; None while it is down."""
        return self._child.pid if self._child else None

    def start(self, timeout_s: float = 90.0) -> None:
        """Returns when the broker serves. After a kill it first recovers its logs: 13 to 38 s were seen."""
        read = self.log.stat().st_size if self.log.exists() else 0
        self._child = children.start(self._java("kafka.Kafka", str(self._properties)), self.log)
        children.wait_until(lambda: self._serves(read), self._child, "Apache Kafka", self.log, timeout_s)

    def kill(self) -> None:
        """KILL (-9), as a power cut would."""
        if self._child:
            children.kill(self._child)
            self._child = None

    def restart(self, timeout_s: float = 90.0) -> None:
        """Up again with the same ports and logs; a running broker is asked to end first."""
        self.end()
        self.start(timeout_s)

    def stop(self) -> None:
        """Ends the broker and removes its folder."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self) -> None:
        """Asks the broker to end; its logs stay."""
        if self._child:
            children.stop(self._child, grace_s=20.0)
            self._child = None

    def _configure(self, options: Mapping[str, str]) -> None:
        lines = PROPERTIES + "".join(f"{name}={value}\n" for name, value in options.items())
        filled = lines.format(port=self.port, controller=children.free_port(), folder=self.folder)
        self._properties.write_text(filled)
        tool = self._java("kafka.tools.StorageTool", "format", "-t", "callpulse-for-tests-000", "-c")
        done = _ran([*tool, str(self._properties), *self.format_options])
        if done.returncode:
            raise ValueError(f"Apache Kafka refuses these options: {done.stdout}{done.stderr}")

    def _java(self, *arguments: str) -> list[str]:
        return ["java", *JAVA, "-cp", f"{LIBS}/*", *arguments]

    def _serves(self, read: int) -> bool:
        """Started, by the log written after its first `read` bytes, and taking connections."""
        with self.log.open("rb") as log:
            log.seek(read)
            return b"Kafka Server started" in log.read() and children.accepts(self.port)


async def largest(admin: AIOKafkaAdminClient, topic: str, size: int) -> None:
    """What the broker takes at most: of one byte, nothing."""
    settings = {"max.message.bytes": str(size)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, settings)])


if __name__ == "__main__":
    try:
        fetch_jars()
    except MissingError as lack:
        sys.exit(str(lack))
