"""`praxis company`: whether the company's own sign-in can be used, what it must know of us, and parting an account."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.origin import at_terminal
from api.core.settings import Settings
from api.identity.company_idp import unlink as forget_subject
from api.identity.idp_config import Company, company_of
from api.identity.idp_provider import Document, Provider
from api.identity.rules import OPERATOR
from api.identity.service import account_of
from api.people.service import find_person
from stack.install import Install, as_recorded, with_database
from stack.problems import StackProblem
from stack.screen import table

NONE = "People sign in with a password of Praxis: docs/company-sign-in.md says how they do with their company account."


def check(install: Install) -> str:
    """Asks the provider, as a first sign-in would."""
    settings = as_recorded(install).settings
    company = company_of(settings)
    if company is None:
        return NONE
    provider = Provider(company, settings)
    document = asyncio.run(provider.document())
    return f"{company.name} answers at {company.issuer}\n\n{table(_facts(settings, provider, company, document))}"


def _facts(settings: Settings, provider: Provider, company: Company, document: Document) -> list[tuple[str, ...]]:
    return [
        ("redirect URI", provider.callback),
        ("post-logout redirect URI", provider.signed_out),
        ("back-channel logout URI", f"{settings.api_url}/oauth/backchannel-logout"),
        ("signing off there too", "yes" if document.end_session_endpoint else "no, it has no end_session_endpoint"),
        ("passwords of Praxis", "refused" if company.is_only else "taken too"),
        *((f"group {group}", ", ".join(map(str, roles))) for group, roles in company.roles.items()),
    ]


def unlink(install: Install, who: str) -> str:
    """The next sign-in of this person's verified address takes the account over."""
    return asyncio.run(_unlink(with_database(as_recorded(install)).settings, who))


async def _unlink(settings: Settings, who: str) -> str:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with AsyncSession(engine) as session, session.begin():
            person = await find_person(session, who)
            account = await account_of(session, person.id)
            with at_terminal("praxis company unlink", OPERATOR):
                if account is None or not await forget_subject(session, account):
                    raise StackProblem(f"{person.display_name} has not signed in with the company account yet.")
            return f"{person.display_name} is signed out, and is linked anew by the next sign-in with {person.email}."
    finally:
        await engine.dispose()
