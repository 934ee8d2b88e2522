"""Alembic on the platform's own engine; the address comes from `PRAXIS_DATABASE_URL` or the caller's attributes."""

import asyncio

from alembic import context
from sqlalchemy import Connection

import api.compliance.models
import api.core.events
import api.core.ratelimit_postgres
import api.courses.bank_models
import api.courses.models
import api.identity.audit
import api.identity.models
import api.learning.activity_models
import api.learning.models
import api.learning.note_models
import api.learning.playback_models
import api.learning.quiz_models
import api.media.models
import api.people.models
import api.reports.models
import api.reports.schedule_models  # noqa: F401
from api.core.db import Base, make_engine
from api.core.settings import Settings


def _ours(_obj: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    """Partitions of `event` and procrastinate's tables have no model here."""
    return not (type_ == "table" and name is not None and name.startswith(("event_", "procrastinate_")))


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, include_object=_ours)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    url = context.config.attributes.get("url") or Settings().database_url
    engine = make_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())
