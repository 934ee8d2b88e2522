"""A person's own notifications and choices."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core import i18n
from api.core.errors import ProblemError
from api.notifications.data_team import notify_data_team
from api.notifications.hours import Times
from api.notifications.labels import labels
from api.notifications.models import Notification, NotificationChoice, NotificationTimes
from api.notifications.reader import choices_of, times_of, wording_of
from api.notifications.rules import KINDS, channels
from api.notifications.schemas import ChoicesIn, ChoicesOut, NotificationOut, NotificationPage
from api.notifications.words import words
from api.people.models import Employment

__all__ = ["choices", "choose", "listed", "notify_data_team", "opened", "unread_count"]

MOST_COUNTED = 100
# Nothing before the first working day, also not here.
HAS_BEGUN = select(Employment.id).where(Employment.started_on <= func.current_date())


class NoSuchChoice(ProblemError):
    status = 422
    title = "There is no such choice"


async def listed(
    reader: AsyncConnection | AsyncSession,
    person_id: uuid.UUID,
    *,
    unread: bool = False,
    limit: int = 30,
    cursor: uuid.UUID | None = None,
) -> NotificationPage:
    """The newest first, in the language of `i18n.use`."""
    table = Notification.__table__.c
    asked = select(table.id, table.kind, table.facts, table.occurred_at, table.read_at).where(*_mine(person_id))
    if unread:
        asked = asked.where(table.read_at.is_(None))
    if cursor:
        asked = asked.where(table.id < cursor)
    rows = (await reader.execute(asked.order_by(table.id.desc()).limit(limit + 1))).all()
    return NotificationPage(
        items=[_out(row) for row in rows[:limit]],
        unread=await unread_count(reader, person_id),
        next=rows[limit - 1].id if len(rows) > limit else None,
    )


async def unread_count(reader: AsyncConnection | AsyncSession, person_id: uuid.UUID) -> int:
    """At most MOST_COUNTED: nobody reads a larger number at a bell."""
    some = select(Notification.id).where(*_mine(person_id), Notification.read_at.is_(None)).limit(MOST_COUNTED)
    return int((await reader.execute(select(func.count()).select_from(some.subquery()))).scalar_one())


async def mark_read(session: AsyncSession, person_id: uuid.UUID, *, ids: list[uuid.UUID] | None = None) -> int:
    """These, or all without `ids`; others' are left alone without a word. How many are unread then."""
    mine = (Notification.person_id == person_id, Notification.read_at.is_(None))
    these = (Notification.id.in_(ids),) if ids is not None else ()
    await session.execute(update(Notification).where(*mine, *these).values(read_at=datetime.now(UTC)))
    return await unread_count(session, person_id)


async def opened(session: AsyncSession, person_id: uuid.UUID, notification_id: uuid.UUID) -> str | None:
    """Where it leads, and it is read now; None where it isn't theirs."""
    found = await session.get(Notification, notification_id)
    if found is None or found.person_id != person_id:
        return None
    found.read_at = found.read_at or datetime.now(UTC)
    return words(found.kind, found.facts).href


async def choices(reader: AsyncConnection | AsyncSession, person_id: uuid.UUID, *, default_zone: str) -> ChoicesOut:
    chosen = await choices_of(reader, person_id)
    told = labels()
    kinds = []
    for kind, rule in KINDS.items():
        if not rule.is_chosen:
            continue
        held = channels(kind, chosen.get(kind))
        kinds.append(
            {"kind": kind, "label": told[kind], "app": held.app, "mail": held.mail, "must_show": rule.must_show}
        )
    times = await times_of(reader, person_id)
    zone = (await wording_of(reader, person_id, default_zone)).time_zone
    given = {name: getattr(times, name) for name in Times.__dataclass_fields__}
    return ChoicesOut.model_validate({"kinds": kinds, "time_zone": zone, **given})


async def choose(session: AsyncSession, person_id: uuid.UUID, wanted: ChoicesIn) -> None:
    """What was given; waiting mail is looked at again by it. The same again changes nothing."""
    known = await choices_of(session, person_id)
    for kind, given in wanted.kinds.items():
        if kind not in KINDS:
            raise NoSuchChoice(f"There is no kind {kind[:40]}: choose of {', '.join(KINDS)}.")
        if given.app is False and KINDS[kind].must_show:
            raise NoSuchChoice(f"{kind} is always shown in the app: leave `app` out, and switch its mail off.")
        held = channels(kind, known.get(kind))
        values = {
            "app": held.app if given.app is None else given.app,
            "mail": held.mail if given.mail is None else given.mail,
        }
        statement = insert(NotificationChoice).values(person_id=person_id, kind=kind, **values)
        await session.execute(statement.on_conflict_do_update(index_elements=["person_id", "kind"], set_=values))
    times = _changed(await times_of(session, person_id), wanted)
    values_of_times = {name: getattr(times, name) for name in Times.__dataclass_fields__}
    statement = insert(NotificationTimes).values(person_id=person_id, **values_of_times)
    await session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values_of_times))
    await session.execute(LOOK_AGAIN, {"person_id": person_id})


LOOK_AGAIN = text(
    "update notification set mail_at = now() where person_id = :person_id and mail = 'waiting' and mail_tries = 0"
)


def _changed(times: Times, wanted: ChoicesIn) -> Times:
    given: dict[str, Any] = {
        name: getattr(wanted, name) for name in Times.__dataclass_fields__ if name in wanted.model_fields_set
    }
    given = {name: _minute(value) for name, value in given.items() if value is not None or name.startswith("quiet")}
    changed = replace(times, **given)
    if (changed.quiet_from is None) != (changed.quiet_to is None):
        raise NoSuchChoice("Give both ends of the quiet hours, or null for both.")
    return changed


def _minute(value: Any) -> Any:
    """A clock of theirs has no seconds, and no zone of its own."""
    return value.replace(second=0, microsecond=0, tzinfo=None) if isinstance(value, time) else value


def _mine(person_id: uuid.UUID) -> tuple[Any, ...]:
    begun = HAS_BEGUN.where(Employment.person_id == person_id).exists()
    return (Notification.person_id == person_id, Notification.is_shown, begun)


def _out(row: Any) -> NotificationOut:
    said = words(row.kind, row.facts)
    return NotificationOut(
        id=row.id,
        kind=row.kind,
        title=said.title,
        text=said.text,
        href=said.href,
        action=said.action,
        occurred_at=row.occurred_at,
        is_read=row.read_at is not None,
    )


async def use_wording(reader: AsyncConnection | AsyncSession, person_id: uuid.UUID, default_zone: str) -> None:
    """For the rest of this request: as this person chose to be written to."""
    i18n.use(await wording_of(reader, person_id, default_zone))
