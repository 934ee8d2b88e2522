"""What a person chose for themselves: the language of the interface and their time zone."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import ProblemError
from api.core.i18n import is_time_zone, languages
from api.people.models import PersonSetting


class NotOffered(ProblemError):
    status = 422
    title = "There is no such choice"


@dataclass(frozen=True, slots=True)
class Preferences:
    """None where nobody chose: the browser's language then, and UTC until a page told the browser's time zone."""

    language: str | None = None
    time_zone: str | None = None


async def preferences_of(reader: AsyncConnection | AsyncSession, person_id: uuid.UUID) -> Preferences:
    asked = select(PersonSetting.language, PersonSetting.time_zone).where(PersonSetting.person_id == person_id)
    row = (await reader.execute(asked)).one_or_none()
    return Preferences(row.language, row.time_zone) if row else Preferences()


async def choose(session: AsyncSession, person_id: uuid.UUID, wanted: Preferences) -> Preferences:
    """Both as given; the same again changes nothing."""
    if wanted.language is not None and wanted.language not in languages():
        raise NotOffered(f"There is no language {wanted.language}: choose {', '.join(languages())}, or null.")
    if wanted.time_zone is not None and not is_time_zone(wanted.time_zone):
        raise NotOffered(f"There is no time zone {wanted.time_zone}: give an IANA name such as Europe/Berlin, or null.")
    values = {"language": wanted.language, "time_zone": wanted.time_zone}
    statement = insert(PersonSetting).values(person_id=person_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))
    return wanted
