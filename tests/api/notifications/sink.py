"""A mail server that keeps what it gets and answers as it is told."""

import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from icalendar import Calendar

from tests.processes import free_port

USER, PASSWORD = "praxis", "p@ss/word:1"


@dataclass
class Sink:
    port: int
    answers: list[str] = field(default_factory=list)
    """To the next mails, one each; then 250. `drop` cuts the connection once the mail is there."""
    kept: list[EmailMessage] = field(default_factory=list)
    logins: list[tuple[str, str, bool]] = field(default_factory=list)
    """User, password, whether by TLS."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        answer = self.answers.pop(0) if self.answers else "250 kept"
        if answer.startswith("2") or answer == "drop":
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.kept.append(message)
        if answer == "drop":
            server.transport.abort()
        return answer

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode(), session.ssl is not None))
        return AuthResult(success=data.password.decode() == PASSWORD)


def part(message: EmailMessage, kind: str) -> str:
    (found,) = [one for one in message.walk() if one.get_content_type() == kind]
    content = found.get_content()  # type: ignore[attr-defined]
    told = content if isinstance(content, str) else content.decode()
    return told.replace("\r\n", "\n")


def events(message: EmailMessage) -> list[Any]:
    return list(Calendar.from_ical(part(message, "text/calendar")).walk("VEVENT"))


@contextmanager
def sink(*, certificate: Path | None = None, port: int | None = None) -> Iterator[Sink]:
    """With a certificate (key and chain in one file) it wants STARTTLS and a password."""
    kept = Sink(port or free_port())
    options: dict[str, Any] = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options = {"tls_context": context, "authenticator": kept.authenticate, "auth_required": True}
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port, **options)
    controller.start()
    try:
        yield kept
    finally:
        controller.stop()


def self_signed(folder: Path, host: str) -> Path:
    """A certificate for `host` that says so itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return path
