"""Applies a roster batch by batch: each is committed, so a kill loses seconds of work and leavers are out first."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.people.service import ImportOutcome, Roster, apply_in_batches, source_told
from pipelines.hr import held


def apply(settings: Settings, roster: Roster, *, decided: bool = False, cursor: str | None = None) -> ImportOutcome:
    """What became of it; after a kill the same roster again goes on where it was.

    In the transaction that ends it, what is held is kept for who decides, and `cursor` with the source.
    """

    async def run() -> ImportOutcome:
        outcomes: list[ImportOutcome] = []
        engine = make_engine(settings.database_url, pool_size=1)
        try:
            # One connection over all commits: what is still to do is in its temporary tables.
            async with engine.connect() as connection, AsyncSession(connection, expire_on_commit=False) as session:
                async for outcome in apply_in_batches(session, roster, decided=decided):
                    outcomes = [outcome]
                    if outcome.status == "held":
                        held.keep(settings, outcome.import_id, roster)
                    if outcome.status != "applying":
                        await source_told(session, outcome, source=roster.source, cursor=cursor)
                    await session.commit()
        finally:
            await engine.dispose()
        return outcomes[0]

    return asyncio.run(run())
