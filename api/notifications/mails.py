"""A notification, or several, as a mail: text, HTML and a calendar file."""

import functools
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from api.core import i18n
from api.core.i18n import gettext as _
from api.core.i18n import ngettext
from api.core.mail import Refused
from api.notifications.words import Words

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Mail:
    """`key` tells this mail from every other: the same again has the same Message-ID. `base` is where our pages are."""

    key: str
    sender: Address
    address: str
    name: str
    items: list[Words]
    base: str
    unsubscribe: str
    calendar: bytes | None
    sent_at: datetime


@functools.cache
def _templates() -> Environment:
    """HTML is escaped, text is not."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
    )
    made.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(wording=i18n.wording)
    return made


def message_id(key: str, sender: Address) -> str:
    """From what the mail is about, so that a mail sent twice can be recognised."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{sender.domain}>"


def compose(mail: Mail) -> EmailMessage:
    """Refused for an address that can't be one, whatever server is asked."""
    subject = _line(mail.items[0].title if len(mail.items) == 1 else _collected(len(mail.items)))
    told = {
        "subject": subject,
        "greeting": _("Hello {name},").format(name=_line(mail.name)),
        "items": mail.items,
        "base": mail.base,
        "unsubscribe": mail.unsubscribe,
        "has_calendar": mail.calendar is not None,
    }
    message = EmailMessage(SMTP)
    message["Subject"] = subject
    message["From"] = mail.sender
    message["To"] = _to(mail)
    message["Date"] = mail.sent_at.astimezone(UTC)
    message["Message-ID"] = message_id(mail.key, mail.sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = i18n.wording().language
    message.set_content(_templates().get_template("mail.txt").render(told))
    message.add_alternative(_templates().get_template("mail.html").render(told), subtype="html")
    if mail.calendar:
        message.add_attachment(
            mail.calendar, maintype="text", subtype="calendar", filename="praxis.ics", params={"method": "PUBLISH"}
        )
    return message


def _to(mail: Mail) -> Address:
    try:
        return Address(display_name=_line(mail.name), addr_spec=mail.address)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise Refused(f"This can't be an address: {error}", for_good=True) from None


def _collected(count: int) -> str:
    return ngettext("{n} thing about your learning", "{n} things about your learning", count).format(n=count)


def _line(text: str) -> str:
    """One line of what people wrote: nothing in it can begin a header of its own."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
