"""Accounts, passwords (argon2id) and signed tokens (JWT, Ed25519)."""

import asyncio
import functools
import json
import time
import uuid
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import ARRAY, Boolean, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import CITEXT, insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Unauthorized
from api.core.secrets import keep_secret
from api.core.settings import Settings
from api.identity.models import Account, RoleGrant
from api.identity.rules import EVERYONE, GRANTABLE, Principal

AUDIENCE = "praxis"
ALGORITHM = "Ed25519"
_hasher = PasswordHasher()


class SignInFailed(Unauthorized):
    title = "Sign-in failed"


class TokenRefused(Unauthorized):
    title = "Sign-in needed"


def ensure_token_key(settings: Settings) -> OKPKey:
    """The signing key of this install; made at the first start, private to the user who runs it."""

    def make() -> str:
        key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        return json.dumps(key.as_dict(private=True))

    keep_secret(settings.secrets_dir / "token_key.json", make)
    return load_token_key(settings)


def load_token_key(settings: Settings) -> OKPKey:
    return OKPKey.import_key(json.loads((settings.secrets_dir / "token_key.json").read_text()))


def issue_token(
    key: OKPKey,
    settings: Settings,
    *,
    account_id: uuid.UUID,
    person_id: uuid.UUID,
    roles: Iterable[str],
    ttl_s: int | None = None,
) -> str:
    """A bearer token in the shape of RFC 9068; `roles` is the most its holder may act as."""
    now = int(time.time())
    claims = {
        "iss": settings.api_url,
        "aud": AUDIENCE,
        "sub": str(account_id),
        "person": str(person_id),
        "roles": sorted(roles),
        "iat": now,
        "exp": now + (ttl_s or settings.access_token_ttl_s),
        "jti": str(uuid.uuid4()),
    }
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


class TokenVerifier:
    """Checks bearer tokens of this install: one algorithm, our key, our issuer and audience, not expired.

    A good token is remembered until it expires: Ed25519 costs 0.2 ms, and a page sends the same token often.
    """

    def __init__(self, key: OKPKey, settings: Settings, *, most: int = 20_000) -> None:
        self._key, self._most = key, most
        self._known: dict[str, tuple[float, Principal]] = {}
        self._rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": settings.api_url},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
        )

    def __call__(self, token: str) -> Principal:
        """The caller, or TokenRefused."""
        known = self._known.get(token)
        if known is None or known[0] <= time.time():
            known = self._check(token)
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[token] = known
        return known[1]

    def _check(self, token: str) -> tuple[float, Principal]:
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            if decoded.header.get("typ") != "at+jwt" or decoded.header.get("kid") != self._key.kid:
                raise TokenRefused("The token is of another kind or key: sign in again.")
            claims = decoded.claims
            self._rules.validate(claims)
            person = Principal(uuid.UUID(claims["sub"]), uuid.UUID(claims["person"]), frozenset(claims["roles"]))
            return float(claims["exp"]), person
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise TokenRefused("The token is missing, wrong or expired: sign in again.") from error


@functools.cache
def _absent() -> str:
    """Verified for an unknown e-mail, so that the answer takes as long as for a known one."""
    return _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


async def authenticate(session: AsyncSession, *, email: str, password: str) -> Account:
    """The account of this e-mail and password; unknown and wrong give the same answer in the same time."""
    account = await session.scalar(select(Account).where(Account.email == email))
    stored = account.password_hash if account and account.is_active and account.password_hash else None
    try:
        await asyncio.to_thread(_hasher.verify, stored or _absent(), password)  # 50 ms that others need not wait
    except (VerifyMismatchError, InvalidHashError):
        stored = None
    if account is None or stored is None:
        raise SignInFailed("E-mail or password is wrong.")
    return account


async def roles_of(session: AsyncSession, account_id: uuid.UUID) -> frozenset[str]:
    """What everyone is, and what this account was granted."""
    granted = await session.scalars(select(RoleGrant.role).where(RoleGrant.account_id == account_id))
    return EVERYONE | frozenset(granted)


ENSURE_ACCOUNTS = text(
    """
    insert into account (id, person_id, email, is_active)
    select uuidv7(), person_id, email, is_active
    from unnest(:person_ids, :emails, :active) as given (person_id, email, is_active)
    on conflict (person_id) do update set email = excluded.email, is_active = excluded.is_active
    where (account.email, account.is_active) is distinct from (excluded.email, excluded.is_active)
    """
).bindparams(
    bindparam("person_ids", type_=ARRAY(Uuid)),
    bindparam("emails", type_=ARRAY(CITEXT)),
    bindparam("active", type_=ARRAY(Boolean)),
)


async def ensure_accounts(session: AsyncSession, people: list[tuple[uuid.UUID, str, bool]]) -> None:
    """For each (person_id, email, is_active): an account exists and is active or not; passwords are kept."""
    columns = zip(*people, strict=True) if people else ((), (), ())
    person_ids, emails, active = (list(column) for column in columns)
    await session.execute(ENSURE_ACCOUNTS, {"person_ids": person_ids, "emails": emails, "active": active})


async def set_password(session: AsyncSession, person_ids: Iterable[uuid.UUID], password_hash: str) -> None:
    accounts = await session.scalars(select(Account).where(Account.person_id.in_(list(person_ids))))
    for account in accounts:
        account.password_hash = password_hash


async def account_of(session: AsyncSession, person_id: uuid.UUID) -> Account | None:
    account: Account | None = await session.scalar(select(Account).where(Account.person_id == person_id))
    return account


async def grant_role(session: AsyncSession, *, account_id: uuid.UUID, role: str) -> None:
    """Grant once or again: the same."""
    if role not in GRANTABLE:
        raise ValueError(f"{role} is not granted; grantable are {sorted(GRANTABLE)}")
    await session.execute(insert(RoleGrant).values(account_id=account_id, role=role).on_conflict_do_nothing())


async def open_session(
    session: AsyncSession, key: OKPKey, settings: Settings, account: Account
) -> tuple[str, frozenset[str]]:
    """(token, roles) of a signed-in account."""
    if account.person_id is None:
        raise SignInFailed("This account belongs to no person: ask whoever administers Praxis.")
    roles = await roles_of(session, account.id)
    token = issue_token(key, settings, account_id=account.id, person_id=account.person_id, roles=roles)
    return token, roles
