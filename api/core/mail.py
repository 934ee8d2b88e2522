"""The mail server that PRAXIS_SMTP_URL names, and sending through it."""

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib

from api.core.masking import masked
from api.core.settings import Settings

TIMEOUT_S = 20
PORTS = {"smtp": 25, "smtps": 465}


class MailMisconfigured(ValueError):
    """What is wrong with the settings; never with the password in it."""


class ServerAway(Exception):
    """Nothing can be sent now, whatever it is: the mail isn't to blame."""


class Refused(Exception):
    """This mail was not taken; `for_good` where trying again is of no use."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(masked(reason)[:500])
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    is_tls: bool
    """From the first byte; else STARTTLS, where the server offers it or a password is to be sent."""

    @property
    def is_local(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def server_of(settings: Settings) -> Server | None:
    """None where no server is set."""
    if not settings.smtp_url:
        return None
    example = "PRAXIS_SMTP_URL: write it as smtp://user:password@mail.example.com:587 or smtps://mail.example.com."
    try:
        parts = urlsplit(settings.smtp_url)
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise MailMisconfigured(example) from None
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise MailMisconfigured(example)
    user, password = (unquote(told) if told else None for told in (parts.username, parts.password))
    return Server(parts.hostname, port, user, password, is_tls=parts.scheme == "smtps")


def sender_of(settings: Settings) -> Address:
    """Who mails come from."""
    host = urlsplit(settings.api_url).hostname or "localhost"
    name, address = parseaddr(settings.mail_from) if settings.mail_from else ("Praxis", f"no-reply@{host}")
    try:
        return Address(display_name=name or "Praxis", addr_spec=address)
    except ValueError:
        raise MailMisconfigured("PRAXIS_MAIL_FROM: write it as Name <address@example.com>.") from None


class Post:
    """One connection for many mails, made with the first and used until it breaks."""

    def __init__(self, server: Server, *, own_name: str) -> None:
        self.server, self.own_name = server, own_name
        self._client: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> "Post":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    async def connect(self) -> aiosmtplib.SMTP:
        """ServerAway where it can't be reached or won't have us: that is not the fault of any mail."""
        if self._client is not None and self._client.is_connected:
            return self._client
        told = self.server
        client = aiosmtplib.SMTP(
            hostname=told.host,
            port=told.port,
            use_tls=told.is_tls,
            start_tls=True if told.user and not told.is_tls and not told.is_local else None,
            username=told.user,
            password=told.password,
            timeout=TIMEOUT_S,
            local_hostname=self.own_name,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerAway(masked(str(error) or type(error).__name__)[:500]) from None
        self._client = client
        return client

    async def send(self, message: EmailMessage) -> None:
        """Raises Refused, or ServerAway where the connection can't be made."""
        client = await self.connect()
        try:
            await client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            one = error.recipients[0]
            raise Refused(f"{one.code} {one.message}", for_good=one.code >= 500) from None
        except aiosmtplib.SMTPSenderRefused as error:  # of a wrong setting, which somebody will put right
            raise Refused(f"{error.code} {error.message}", for_good=False) from None
        except aiosmtplib.SMTPResponseException as error:
            raise Refused(f"{error.code} {error.message}", for_good=error.code >= 500) from None
        except (aiosmtplib.SMTPNotSupported, UnicodeError) as error:
            raise Refused(str(error), for_good=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise Refused(f"The connection was lost: {error}", for_good=False) from None
