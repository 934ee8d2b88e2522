"""`praxis token`: a bearer token for a person of this machine's own install, without their password."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.rules import ROLES
from api.identity.service import account_of, roles_of
from api.identity.tokens import operator_token
from api.people.service import find_person
from stack.install import Install, as_recorded, with_database
from stack.problems import StackProblem


def token(install: Install, who: str, role: str | None) -> str:
    """For an id, e-mail, employee number or name; `role` is then the only one, granted or not."""
    if install.postgres is None:
        raise StackProblem("Tokens are made for embedded installs only: elsewhere sign in by OAuth 2.0, as /docs says.")
    if role is not None and role not in ROLES:
        raise StackProblem(f"There is no role {role}: choose one of {', '.join(sorted(ROLES))}.")
    return asyncio.run(_token(with_database(as_recorded(install)).settings, who, role))


async def _token(settings: Settings, who: str, role: str | None) -> str:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with AsyncSession(engine) as session:
            person = await find_person(session, who)
            account = await account_of(session, person.id)
            if account is None or not account.is_active:
                raise StackProblem(f"{person.display_name} has no account that may sign in.")
            roles = frozenset({role}) if role else await roles_of(session, account)
    finally:
        await engine.dispose()
    return operator_token(settings, account.id, roles)
