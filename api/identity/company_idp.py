"""Signing in by the company's own identity provider: whose account it is, what its groups allow, and signing off.

People come from the HR system: a sign-in finds an account and never makes one.
"""

import re
import secrets
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Forbidden
from api.core.settings import Settings
from api.identity.audit import record
from api.identity.idp_config import Company, Role
from api.identity.idp_provider import Provider
from api.identity.idp_tokens import LEEWAY_S, OLDEST_S, CompanyAnswerRefused, Identity, SignedOff
from api.identity.models import Account, BrowserSession, IdpOnce, RoleGrant
from api.identity.rules import WEB
from api.identity.sessions import end_sessions, hash_of

log = structlog.get_logger()
FLOW_TTL_S = 600
BINDING = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_HINT = 4000
"""A longer ID token makes an address that servers on the way refuse."""

SPENT = text(
    """
    delete from idp_once where key_hash in (
        select key_hash from idp_once where expires_at < now() limit 100 for update skip locked
    )
    """
)


class NotOurs(Forbidden):
    """The provider knows the person and Praxis doesn't, or not as one who may sign in."""

    title = "You can't sign in to Praxis with this account"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in on its way; `following` is our page to go to, `not_before` the oldest proof of who it is (epoch)."""

    nonce: str
    verifier: str
    following: str
    not_before: float | None


def binding_cookie(settings: Settings) -> str:
    """Holds what ties a sign-in on its way to this browser, against signing somebody in as somebody else."""
    return f"{'__Host-' if settings.is_https else ''}praxis_company_{settings.api_port}"


def binding_of(cookies: Mapping[str, str], settings: Settings) -> str | None:
    """The same for several sign-ins at once, so that two tabs don't disturb each other."""
    known = cookies.get(binding_cookie(settings), "")
    return known if BINDING.fullmatch(known) else None


def new_binding() -> str:
    return secrets.token_urlsafe(32)


async def begin(
    session: AsyncSession, provider: Provider, *, binding: str, following: str, prompt: str, max_age: str
) -> str:
    """The provider's address for the browser. A fresh sign-in (`prompt=login`, `max_age`) is asked for there too.

    `prompt=other` is for who took the wrong account: only the question matters then, not when it was answered.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    age = 0 if prompt == "login" else int(max_age) if max_age.isdecimal() and len(max_age) < 10 else None
    asked = {} if age is None else {"max_age": str(age)}
    if prompt in ("login", "other"):
        can_choose = prompt == "other" and "select_account" in (await provider.document()).prompts
        asked["prompt"] = "select_account" if can_choose else "login"
    address = await provider.authorization_address(state=state, nonce=nonce, verifier=verifier, asked=asked)
    not_before = None if age is None else time.time() - age - LEEWAY_S
    await _keep(session, f"sign-in {state} {binding}", asdict(Flow(nonce, verifier, following, not_before)), FLOW_TTL_S)
    return address


async def take(session: AsyncSession, *, state: str, binding: str | None) -> Flow | None:
    """The sign-in that this browser began, once."""
    kept = await _take(session, f"sign-in {state} {binding}") if binding else None
    return Flow(**kept) if kept else None


def check_issuer(named: str | None, *, is_sure: bool, company: Company) -> None:
    """RFC 9207: an answer of another provider is not taken for one of ours (mix-up)."""
    if named != company.issuer and (named is not None or is_sure):
        raise CompanyAnswerRefused("The answer comes from another provider than it was asked of.")


def check_fresh(identity: Identity, flow: Flow) -> None:
    """Where a new proof was asked for, the provider must say that it had one."""
    if flow.not_before is None:
        return
    if identity.auth_time is None:
        raise CompanyAnswerRefused("It was asked for a new sign-in, and does not say when that was (auth_time).")
    if identity.auth_time < flow.not_before:
        raise CompanyAnswerRefused("It was asked for a new sign-in, and gave an old one.")


async def account_of_identity(session: AsyncSession, company: Company, identity: Identity) -> Account:
    """By the provider's name for the person; the first time by their verified e-mail address. NotOurs says why not.

    A refusal is in the audit log once the caller's transaction commits, so the caller must answer, not raise.
    """
    subject = f"{company.issuer} {identity.subject}"
    account: Account | None = await session.scalar(select(Account).where(Account.idp_subject == subject))
    is_first = account is None
    email = identity.claims.get(company.email_claim)
    if account is None:
        account = await _by_verified_email(session, company, identity)
    if account is None:
        known_as = f" as {email}" if isinstance(email, str) else ""
        await _record_refusal(session, None, "the company knows them, Praxis does not")
        raise NotOurs(
            f"You are signed in{known_as} there, but Praxis knows nobody by a verified address like that."
            " People come from the HR system: ask HR whether your record has this e-mail address."
        )
    if not account.is_active:
        await _record_refusal(session, account, "the account is closed")
        raise NotOurs("Your account here is closed, as the HR system says that you don't work here now. Ask HR.")
    if is_first:
        await _link(session, account, subject)
    return account


async def _record_refusal(session: AsyncSession, account: Account | None, reason: str) -> None:
    target_id = account.id if account else None
    await record(
        session,
        action="identity.sign_in_failed",
        target_type="account",
        target_id=target_id,
        client_id=WEB,
        after={"reason": reason},
    )


async def _by_verified_email(session: AsyncSession, company: Company, identity: Identity) -> Account | None:
    email = identity.claims.get(company.email_claim)
    is_verified = identity.claims.get(company.verified_claim) in (True, "true", 1, "1")
    # Beyond ASCII two different addresses can be equal without their case: K, the Kelvin sign, is k.
    if not is_verified or not isinstance(email, str) or not (email.isascii() and email.isprintable()):
        return None
    found: Account | None = await session.scalar(
        select(Account).where(Account.email == email, Account.person_id.is_not(None))
    )
    return found


async def _link(session: AsyncSession, account: Account, subject: str) -> None:
    """From here on the account is theirs alone: an address that goes to somebody else does not bring it along."""
    linked = await session.execute(
        update(Account)
        .where(Account.id == account.id, or_(Account.idp_subject.is_(None), Account.idp_subject == subject))
        .values(idp_subject=subject)
        .returning(Account.id)
    )
    if linked.first() is None:
        await _record_refusal(session, account, "the account belongs to another sign-in at the company")
        raise NotOurs(
            "The account with your e-mail address belongs to another sign-in of your company already."
            " Ask whoever runs Praxis: the person who had this address before must be told apart from you."
        )
    await record(session, action="identity.account_linked", target_type="account", target_id=account.id)


async def unlink(session: AsyncSession, account: Account) -> bool:
    """An operator's: the next verified sign-in of its address takes the account; False where it has no subject."""
    if account.idp_subject is None:
        return False
    account.idp_subject = None
    await session.execute(delete(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.source == "idp"))
    await end_sessions(session, account.id)
    await record(session, action="identity.account_unlinked", target_type="account", target_id=account.id)
    return True


async def follow_groups(
    session: AsyncSession, settings: Settings, company: Company, who: Identity, account: Account
) -> bool:
    """The account's roles from groups are those of the groups of now, what was granted in Praxis stays; any change?

    They end by themselves when nobody has signed in for as long as a sign-in can last.
    """
    groups = who.claims.get(company.groups_claim)
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    roles = company.roles_of(group for group in listed if isinstance(group, str))
    until = datetime.now(UTC) + timedelta(seconds=max(settings.refresh_token_ttl_s, settings.browser_session_ttl_s))
    return await follow_roles(session, account, roles, source="idp", until=until)


async def follow_roles(
    session: AsyncSession, account: Account, roles: Iterable[Role], *, source: str, until: datetime | None = None
) -> bool:
    """The account's roles from this source are these, what others granted stays; any change?"""
    wanted = await _with_units(session, roles)
    rows = (await session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id))).all()
    now = datetime.now(UTC)
    ours = [row for row in rows if row.source == source]
    before = {_named(row) for row in ours if row.valid_until is None or row.valid_until > now}
    spare = [row.id for row in ours if (row.role, row.org_unit_id) not in wanted.values()]
    await session.execute(delete(RoleGrant).where(RoleGrant.id.in_(spare)))
    for role, unit_id in sorted(wanted.values(), key=str):
        values = {"source": source, "valid_until": until}
        granted = insert(RoleGrant).values(account_id=account.id, role=role, org_unit_id=unit_id, **values)
        is_free = or_(RoleGrant.source == source, RoleGrant.valid_until <= func.now())
        await session.execute(
            granted.on_conflict_do_update(
                constraint="uq_role_grant_account_id_role_org_unit_id", set_=values, where=is_free
            )
        )
    return await _record_change(session, account, before, source)


async def _record_change(session: AsyncSession, account: Account, before: set[str], source: str) -> bool:
    rows = await session.scalars(
        select(RoleGrant)
        .where(RoleGrant.account_id == account.id, RoleGrant.source == source)
        .execution_options(populate_existing=True)
    )
    after = {_named(row) for row in rows}
    if after != before:
        await record(
            session,
            action="identity.roles_followed_groups",
            target_type="account",
            target_id=account.id,
            before={"roles": sorted(before)},
            after={"roles": sorted(after)},
        )
    return after != before


def _named(grant: RoleGrant) -> str:
    return str(Role(grant.role, str(grant.org_unit_id) if grant.org_unit_id else None))


async def _with_units(session: AsyncSession, roles: Iterable[Role]) -> dict[Role, tuple[str, uuid.UUID | None]]:
    """Each with its unit's key; a code that names no unit, or units of two HR systems, gives no role."""
    found: dict[Role, tuple[str, uuid.UUID | None]] = {}
    statement = text("select id from org_unit where code = :code or source || ':' || code = :code")
    for role in roles:
        units = [None] if role.unit is None else (await session.scalars(statement, {"code": role.unit})).all()
        if len(units) == 1:
            found[role] = (role.name, units[0])
        else:
            log.warning("PRAXIS_IDP_ROLES names a unit that is not one", unit=role.unit, units=len(units))
    return found


async def leave(
    session: AsyncSession, provider: Provider, browser: BrowserSession, address: str | None, *, back: str
) -> str | None:
    """Where this browser signs off at the provider too, and then comes back; None where it doesn't offer that."""
    if address is None or browser.method != "idp":
        return None
    state = secrets.token_urlsafe(32)
    await _keep(session, f"sign-off {state}", {"back": back}, FLOW_TTL_S)
    hint = browser.idp_id_token or ""
    asked = {
        "client_id": provider.company.client_id,
        "post_logout_redirect_uri": provider.signed_out,
        "state": state,
        **({"id_token_hint": hint} if 0 < len(hint) <= LONGEST_HINT else {}),
    }
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


async def way_back(session: AsyncSession, state: str) -> str | None:
    """Where somebody wanted to go who signed off at the provider."""
    kept = await _take(session, f"sign-off {state}")
    return str(kept["back"]) if kept else None


async def end_as_told(session: AsyncSession, company: Company, told: SignedOff) -> int:
    """Sessions here end with the one there; how many. The same token again is refused, and would end nothing new."""
    if not await _keep(session, f"told {told.jti}", {}, OLDEST_S + 2 * LEEWAY_S):
        raise CompanyAnswerRefused("This logout token was used before.")
    statement = (
        select(BrowserSession)
        .join(Account, Account.id == BrowserSession.account_id)
        .where(BrowserSession.method == "idp", BrowserSession.ended_at.is_(None))
        .where(Account.idp_subject.startswith(f"{company.issuer} ", autoescape=True))
    )
    if told.subject is not None:
        statement = statement.where(Account.idp_subject == f"{company.issuer} {told.subject}")
    if told.sid is not None:
        statement = statement.where(BrowserSession.idp_sid == told.sid)
    ending = (await session.scalars(statement)).all()
    for browser in ending:
        await end_sessions(session, browser.account_id, only=browser.id)
    for account_id in {browser.account_id for browser in ending}:
        ended = [browser.id for browser in ending if browser.account_id == account_id]
        await record(
            session,
            action="identity.signed_off_by_company",
            target_type="account",
            target_id=account_id,
            after={"sessions": ended},
        )
    return len(ending)


async def _keep(session: AsyncSession, key: str, kept: dict[str, Any], ttl_s: int) -> bool:
    """False where the same is kept already."""
    await session.execute(SPENT)
    until = datetime.now(UTC) + timedelta(seconds=ttl_s)
    statement = insert(IdpOnce).values(key_hash=hash_of(key), kept=kept, expires_at=until)
    added = await session.execute(statement.on_conflict_do_nothing().returning(IdpOnce.key_hash))
    return added.first() is not None


async def _take(session: AsyncSession, key: str) -> dict[str, Any] | None:
    statement = delete(IdpOnce).where(IdpOnce.key_hash == hash_of(key), IdpOnce.expires_at > func.now())
    kept: dict[str, Any] | None = await session.scalar(statement.returning(IdpOnce.kept))
    return kept
