"""An Apache Kafka that asks who comes and what they may: by password over TLS, or by certificate."""

from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from callpulse.demo.children import free_port
from callpulse.edges.rights import Right, kafka_rights
from tests.certificates import Authority
from tests.kafka.broker import ApacheKafka

RESOURCES = {"topic": 2, "group": 3}
LITERAL, PREFIXED = 3, 4
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Alter": 7, "Describe": 8, "DescribeConfigs": 10}
ALLOW = 3
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required"
OPTIONS = {
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,LOGIN:SASL_SSL,CERT:SSL,STALE:SSL",
    "inter.broker.listener.name": "PLAINTEXT",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
    "ssl.keystore.type": "PEM",
    "ssl.truststore.type": "PEM",
    "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT",
    "listener.name.cert.ssl.client.auth": "required",
    "listener.name.login.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
    "listener.name.login.scram-sha-512.sasl.jaas.config": f"{SCRAM};",
}


class SecuredKafka(ApacheKafka):
    """`users`: user -> password, of PLAIN and SCRAM-SHA-512 alike. `login`, `cert`, `stale`: addresses that ask for a
    password, for a certificate, and one whose own certificate has expired. `bootstrap` asks nobody and lets all."""

    def __init__(self, folder: Path, authority: Authority, users: dict[str, str]) -> None:
        own = authority.issue("broker", "127.0.0.1")
        old = authority.issue("old-broker", "127.0.0.1", expired=True)
        ports = {name: free_port() for name in ("LOGIN", "CERT", "STALE")}
        self.login, self.cert, self.stale = (f"127.0.0.1:{port}" for port in ports.values())
        listeners = ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())
        known = " ".join(f'user_{user}="{password}"' for user, password in users.items())
        self.format_options = tuple(
            part
            for user, password in users.items()
            for part in ("--add-scram", f'SCRAM-SHA-512=[name="{user}",password="{password}"]')
        )
        super().__init__(
            {
                **OPTIONS,
                "listeners": f"PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller}},{listeners}",
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{{port}},{listeners}",
                "ssl.keystore.location": str(own.both),
                "ssl.truststore.location": str(authority.ca_file),
                "listener.name.stale.ssl.keystore.location": str(old.both),
                "listener.name.login.plain.sasl.jaas.config": f"{PLAIN} {known};",
            }
        )

    async def grant(self, user: str, rights: list[Right]) -> None:
        """These rights, from any host."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            for right in rights:
                pattern = PREFIXED if right.prefixed else LITERAL
                for operation in right.operations:
                    request = CreateAclsRequest(
                        RESOURCES[right.kind], right.name, pattern, f"User:{user}", "*", OPERATIONS[operation], ALLOW
                    )
                    answer = await admin._send_request(request)  # there is no public way
                    assert [code for code, *_ in answer.creation_responses] == [0]
        finally:
            await admin.close()

    async def grant_all(self, prefix: str, *processes: str) -> None:
        """To each process, the user of its name, what it needs."""
        for process in processes:
            await self.grant(process, kafka_rights(process, prefix))
