"""`praxis token`: a bearer token for a person of this machine's own demo or trial, without their password."""

import asyncio
import contextlib
import uuid

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.models import Account
from api.identity.rules import ROLES
from api.identity.service import issue_token, load_token_key, roles_of
from api.people.models import Person
from stack.install import Install, as_recorded, with_database
from stack.problems import StackProblem

SHOWN_MATCHES = 5


def token(install: Install, person: str, role: str | None) -> str:
    """For an e-mail, a name or an id; `role` narrows the token to one role, or adds one the person wasn't granted."""
    if install.postgres is None:
        raise StackProblem("Tokens are made for embedded installs only: sign in at POST /sessions instead.")
    if role is not None and role not in ROLES:
        raise StackProblem(f"There is no role {role}: choose one of {', '.join(sorted(ROLES))}.")
    return asyncio.run(_token(with_database(as_recorded(install)).settings, person, role))


async def _token(settings: Settings, person: str, role: str | None) -> str:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with AsyncSession(engine) as session:
            account = await _find(session, person)
            roles = frozenset({role}) if role else await roles_of(session, account.id)
    finally:
        await engine.dispose()
    if account.person_id is None:
        raise StackProblem(f"{account.email} belongs to no person.")
    key = load_token_key(settings)
    return issue_token(key, settings, account_id=account.id, person_id=account.person_id, roles=roles)


async def _find(session: AsyncSession, person: str) -> Account:
    """The one account that is meant; several of one name are told apart by e-mail."""
    named = or_(Account.email == person, Person.display_name == person)
    with contextlib.suppress(ValueError):
        named = or_(Person.id == uuid.UUID(person), Account.id == uuid.UUID(person))
    found = (await session.scalars(select(Account).join(Person, Person.id == Account.person_id).where(named))).all()
    if not found:
        raise StackProblem(f"Nobody here is called {person}: give an e-mail, a full name or an id.")
    if len(found) > 1:
        emails = ", ".join(account.email for account in found[:SHOWN_MATCHES])
        raise StackProblem(f"{len(found)} people are called {person}: give an e-mail, such as {emails}.")
    return found[0]
