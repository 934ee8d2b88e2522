"""`praxis token`: a bearer token for a person of this machine's own install, without their password."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import OPERATOR_TOKEN_TTL_S
from api.identity.audit import record
from api.identity.rules import ROLES
from api.identity.service import account_of, roles_of
from api.identity.tokens import operator_token
from api.people.service import find_person
from stack.install import Install
from stack.problems import StackProblem
from stack.transaction import in_transaction, running_settings


def token(install: Install, who: str, role: str | None) -> str:
    """For an id, e-mail, employee number or name; `role` is then the only one, granted or not. In the audit log."""
    if install.postgres is None:
        raise StackProblem("Tokens are made for embedded installs only: register a client by `praxis client`.")
    if role is not None and role not in ROLES:
        raise StackProblem(f"There is no role {role}: choose one of {', '.join(sorted(ROLES))}.")
    settings = running_settings(install)

    async def work(session: AsyncSession) -> str:
        person = await find_person(session, who)
        account = await account_of(session, person.id)
        if account is None or not account.is_active:
            raise StackProblem(f"{person.display_name} has no account that may sign in.")
        roles = frozenset({role}) if role else await roles_of(session, account)
        made = operator_token(settings, account.id, roles)
        after = {"roles": roles, "valid_s": OPERATOR_TOKEN_TTL_S}
        await record(
            session,
            action="identity.operator_token_made",
            target_type="account",
            target_id=account.id,
            after=after,
        )
        return made

    return in_transaction(install, "praxis token", work)
