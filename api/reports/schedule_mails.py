"""A scheduled report as a mail to its reader, with the file where that is small enough."""

import mimetypes
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import i18n
from api.core.mail import MailMisconfigured, Post, sender_of, server_of
from api.core.settings import Settings
from api.media.storage import local_copy
from api.notifications.mails import Mail, compose
from api.notifications.models import Notification
from api.notifications.put import Draft, put
from api.notifications.reader import Reader, reader_of
from api.notifications.rules import channels
from api.notifications.unsubscribe import Wish, link
from api.notifications.words import words
from api.reports.models import ReportRun
from api.reports.runs import file_key

READY = "scheduled_report"
MB = 1_000_000


class NotSent(Exception):
    """Not by mail; `for_good` where trying again is of no use."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Letter:
    """`owner` is the name of who has it sent, where that is somebody else; `key` is the same at each attempt."""

    key: str
    title: str
    owner: str | None
    person_id: uuid.UUID
    run: ReportRun


class Mailer:
    """One connection for all mails of a round, made with the first."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = AsyncExitStack()
        self._post: Post | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._stack.aclose()

    async def send(self, session: AsyncSession, letter: Letter, now: datetime) -> bool:
        """False where they want no such mail; in the app they are told in either case. Raises NotSent, or what
        `Post.send` does.
        """
        reader = await reader_of(session, letter.person_id, default_zone=self.settings.time_zone, now=now)
        i18n.use(reader.wording)
        is_wanted = channels(READY, reader.choices.get(READY)).mail
        most = self.settings.report_attachment_mb * MB
        facts = {
            "title": letter.title,
            "owner": letter.owner,
            "rows": letter.run.rows_total or 0,
            "is_attached": is_wanted and (letter.run.size_bytes or 0) <= most,
        }
        if is_wanted:
            await self._send(reader, letter, facts, now)
        await put(session, [Draft(READY, letter.person_id, letter.key, now, facts)])
        told = update(Notification).where(Notification.kind == READY, Notification.subject == letter.key)
        await session.execute(told.values(mail="sent" if is_wanted else "unwanted"))
        return is_wanted

    async def _send(self, reader: Reader, letter: Letter, facts: dict[str, Any], now: datetime) -> None:
        if not reader.works_here or not reader.address:
            raise NotSent("They have no address, or work here no more.", for_good=True)
        post = await self._connected()
        message = compose(
            Mail(
                key=f"report {letter.key}",
                sender=sender_of(self.settings),
                address=reader.address,
                name=reader.name,
                items=[words(READY, facts)],
                base=self.settings.api_url,
                unsubscribe=link(self.settings, Wish(reader.id, READY)),
                calendar=None,
                sent_at=now,
            )
        )
        if facts["is_attached"]:
            name = letter.run.file_name or "report"
            kind = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
            content = await self._content(letter.run)
            message.add_attachment(content, maintype=kind[0], subtype=kind[2], filename=name)
        await post.send(message)

    async def _content(self, run: ReportRun) -> bytes:
        async with local_copy(self.settings, file_key(run.id)) as path:
            return Path(path).read_bytes()

    async def _connected(self) -> Post:
        if self._post is None:
            try:
                server, _ = server_of(self.settings), sender_of(self.settings)
            except MailMisconfigured as wrong:
                raise NotSent(str(wrong), for_good=False) from None
            if server is None:
                raise NotSent("No mail server is set: whoever runs Praxis sets PRAXIS_SMTP_URL.", for_good=False)
            own_name = urlsplit(self.settings.api_url).hostname or "localhost"
            self._post = await self._stack.enter_async_context(Post(server, own_name=own_name))
        return self._post
