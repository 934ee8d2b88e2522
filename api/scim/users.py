"""Users are persons: what is told of one is followed by `people.told`, and kept in the audit log."""

import uuid
from typing import Any

from scim2_models import InvalidValueException, User
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.audit import record
from api.identity.rules import Principal
from api.identity.service import account_of
from api.people.rules import Told
from api.people.told import follow, leave, take_over
from api.scim.models import ScimResource
from api.scim.rules import SOURCE, Company, meaning, told_of


async def create(session: AsyncSession, user: User[Company]) -> uuid.UUID:
    """The person whose address it is, or a new one. Its id is the User's."""
    told = await _told(session, user, is_active=bool(user.active))
    person_id = await take_over(session, SOURCE, told)
    await follow(session, SOURCE, person_id, told, None)
    return person_id


async def created(session: AsyncSession, who: Principal, user: User[Company]) -> None:
    await _audit(session, who, "scim.user_created", user.id, after={"is_active": user.active})


async def change(session: AsyncSession, who: Principal, before: User[Company], user: User[Company]) -> None:
    """An entry that says nothing of `active` any more is as active as it was."""
    account = await account_of(session, uuid.UUID(str(user.id)))
    was_active = account is not None and account.is_active
    told = await _told(session, user, is_active=was_active if user.active is None else user.active)
    await follow(session, SOURCE, uuid.UUID(str(user.id)), told, meaning(before, is_active=was_active))
    was, now = told_of(before), told_of(user)
    named = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
    action = "scim.user_deactivated" if was_active and not told.is_active else "scim.user_changed"
    await _audit(session, who, action, user.id, after={"is_active": told.is_active, "attributes": named})


async def delete(session: AsyncSession, who: Principal, user_id: uuid.UUID) -> None:
    await leave(session, user_id)
    await _audit(session, who, "scim.user_deleted", user_id)


async def _told(session: AsyncSession, user: User[Company], *, is_active: bool) -> Told:
    told = meaning(user, is_active=is_active)
    if told.manager_id and await _kind(session, told.manager_id) != "User":
        raise InvalidValueException(detail=f"There is no User {told.manager_id}: send the manager first.")
    return told


async def _kind(session: AsyncSession, resource_id: uuid.UUID) -> str | None:
    kind: str | None = await session.scalar(select(ScimResource.kind).where(ScimResource.id == resource_id))
    return kind


async def _audit(session: AsyncSession, who: Principal, action: str, user_id: Any, **said: Any) -> None:
    """Which attributes changed, never to what: nothing here can be erased later."""
    await record(session, action=action, actor=who, target_type="person", target_id=user_id, **said)
