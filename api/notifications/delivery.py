"""Mail that is due goes out: one mail a transaction, its notifications locked while it is sent.

At least once: who is killed between the server's yes and the commit sends again, with the same Message-ID.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from api.core import i18n
from api.core.mail import MailMisconfigured, Post, Refused, ServerAway, sender_of, server_of
from api.core.masking import masked
from api.core.settings import Settings
from api.notifications.dates import OF_OBLIGATION, calendar_of, open_obligations
from api.notifications.hours import mail_moment
from api.notifications.mails import Mail, compose
from api.notifications.models import Notification
from api.notifications.reader import Reader, reader_of
from api.notifications.rules import COLLECT_FROM, KINDS, MOST_TRIES, channels, pause_minutes
from api.notifications.unsubscribe import ALL, Wish, link
from api.notifications.words import words

log = structlog.get_logger("api.notifications")
LOOK_AGAIN = timedelta(hours=1)
"""What waits is looked at so often, because its reader may have chosen otherwise or moved."""

MOST = 1000
"""Mails of one run; the next begins a minute later."""


async def deliver(
    settings: Settings, sessions: async_sessionmaker[AsyncSession], *, now: datetime | None = None, most: int = MOST
) -> int:
    """How many mails went out. A server that is away ends the run, and everything stays as it was."""
    try:
        server, _ = server_of(settings), sender_of(settings)
    except MailMisconfigured as wrong:
        log.error("mail settings", reason=str(wrong))
        return 0
    sent = 0
    async with AsyncExitStack() as stack:
        own_name = urlsplit(settings.api_url).hostname or "localhost"
        post = await stack.enter_async_context(Post(server, own_name=own_name)) if server else None
        for _ in range(most):
            try:
                async with sessions.begin() as session:
                    did = await _next(session, settings, post, now or datetime.now(UTC))
            except ServerAway as away:
                log.warning("mail server away", reason=str(away))
                break
            if did is None:
                break
            sent += did
    return sent


async def _next(session: AsyncSession, settings: Settings, post: Post | None, now: datetime) -> bool | None:
    """Whether a mail of the person who waits longest went out; None where nobody waits."""
    waiting = select(Notification).where(Notification.mail == "waiting")
    lock = {"skip_locked": True}
    first = await session.scalar(
        waiting.where(Notification.mail_at <= now).order_by(Notification.mail_at).limit(1).with_for_update(**lock)
    )
    if first is None:
        return None
    of_person = waiting.where(Notification.person_id == first.person_id, Notification.mail_at <= now)
    rows = (await session.scalars(of_person.order_by(Notification.id).limit(200).with_for_update(**lock))).all()
    reader = await reader_of(session, first.person_id, default_zone=settings.time_zone, now=now)
    i18n.use(reader.wording)
    due = [one for one in rows if _is_due(one, reader, now)]
    if due and post is None:
        for one in due:
            one.mail = "no_server"
        return False
    return await _send(session, settings, post, reader, _one_mail(due, reader), now) if due and post else False


def _is_due(one: Notification, reader: Reader, now: datetime) -> bool:
    """Else it is settled here, or says when it is to be looked at next."""
    if not channels(one.kind, reader.choices.get(one.kind)).mail:
        one.mail = "unwanted"
    elif not reader.works_here:
        one.mail = "left"
    elif not reader.address:
        one.mail = "no_address"
    else:
        moment = mail_moment(
            one.created_at,
            now,
            reader.wording.zone,
            reader.times,
            is_urgent=KINDS[one.kind].is_urgent,
            first_day=reader.first_day,
        )
        if moment <= now:
            return True
        one.mail_at = min(moment, now + LOOK_AGAIN)
    return False


def _one_mail(due: Sequence[Notification], reader: Reader) -> list[Notification]:
    """What goes together: a digest, or many at once; what is urgent, and what failed before, goes alone."""
    alone = [one for one in due if KINDS[one.kind].is_urgent or one.mail_tries]
    others = [one for one in due if one not in alone]
    if others and (reader.times.digest != "off" or len(others) >= COLLECT_FROM):
        return others
    return [(alone or others)[0]]


async def _send(
    session: AsyncSession, settings: Settings, post: Post, reader: Reader, told: list[Notification], now: datetime
) -> bool:
    owed = await open_obligations(session, reader, now)
    moot = [one for one in told if one.kind in OF_OBLIGATION and one.facts["course_id"] not in owed]
    for one in moot:
        one.mail = "moot"
    if not (told := [one for one in told if one not in moot]):
        return False
    dates = await calendar_of(session, reader, told, owed, base=settings.api_url, now=now)
    try:
        message = _message(settings, reader, told, dates, now)
        await post.send(message)
    except ServerAway:
        raise
    except Exception as error:  # one mail that can't be made must not hold up all others
        for one in told:
            _failed(one, error, now)
        log.warning("mail not sent", reason=told[0].mail_error, tries=told[0].mail_tries, mail=told[0].mail)
        return False
    for one in told:
        one.mail, one.mail_at, one.mail_error, one.message_id = "sent", now, None, message["Message-ID"]
    return True


def _message(
    settings: Settings, reader: Reader, told: list[Notification], dates: bytes | None, now: datetime
) -> EmailMessage:
    assert reader.address
    return compose(
        Mail(
            key=" ".join(str(one.id) for one in told),
            sender=sender_of(settings),
            address=reader.address,
            name=reader.name,
            items=[words(one.kind, one.facts) for one in told],
            base=settings.api_url,
            unsubscribe=link(settings, Wish(reader.id, told[0].kind if len(told) == 1 else ALL)),
            calendar=dates,
            sent_at=now,
        )
    )


def _failed(one: Notification, error: Exception, now: datetime) -> None:
    one.mail_tries += 1
    one.mail_error = masked(str(error) or repr(error))[:500]
    one.mail_at = now + timedelta(minutes=pause_minutes(one.mail_tries))
    if (isinstance(error, Refused) and error.for_good) or one.mail_tries >= MOST_TRIES:
        one.mail = "given_up"
