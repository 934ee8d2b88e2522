"""A log of its own for a test that breaks it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api.core.settings import Settings
from api.identity.audit import record
from api.identity.audit_chain import Verdict, verify

UNGUARDED = "alter table audit_entry disable trigger user"
GUARDED = tuple(f"alter table audit_entry enable always trigger {name}" for name in ("chain", "append_only"))
REHASH = """
do $$
declare
    e audit_entry;
    before bytea := decode(repeat('00', 32), 'hex');
begin
    for e in select * from audit_entry order by seq loop
        e.previous := before;
        e.hash := sha256(before || convert_to(audit_text(e), 'UTF8'));
        update audit_entry set previous = e.previous, hash = e.hash where seq = e.seq;
        before := e.hash;
    end loop;
end $$
"""
"""What somebody does who owns the database and knows how the chain works."""


@dataclass
class Log:
    settings: Settings
    engine: AsyncEngine

    async def write(self, count: int = 6, **changes: Any) -> None:
        """Each in a transaction of its own."""
        for number in range(count):
            async with AsyncSession(self.engine) as session, session.begin():
                said = {"action": "identity.role_granted", "target_type": "account", "target_id": f"a-{number}"}
                after = {"role": "officer", "größe": 1.5, "deep": [{"b": 1, "aa": None}]}
                await record(session, **{**said, "after": after, **changes})

    async def run(self, *statements: str) -> None:
        async with self.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def attack(self, *statements: str) -> None:
        """As the superuser, who can take the guards away and put them back."""
        await self.run(UNGUARDED, *statements, *GUARDED)

    async def verdict(self) -> Verdict:
        return await verify(self.settings)

    async def first_wrong(self) -> tuple[int | None, str]:
        """(entry, what) that is told first."""
        found = (await self.verdict()).broken
        assert found, "nothing was found"
        return found[0].seq, found[0].what
