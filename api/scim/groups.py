"""Groups are groups of the directory. Those that PRAXIS_IDP_ROLES names give their members roles, at once."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from scim2_models import Group
from sqlalchemy import ScalarResult, delete, insert, select, update
from sqlalchemy import func as sql
from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.audit import record
from api.identity.company_idp import follow_roles
from api.identity.idp_config import Role, roles_of
from api.identity.rules import Principal
from api.identity.service import account_of
from api.scim.models import ScimMember, ScimResource
from api.scim.rules import SOURCE, as_key

Roles = Mapping[str, tuple[Role, ...]]
MOST_NAMED = 100


async def put(session: AsyncSession, who: Principal, roles: Roles, group: Group, before: Group | None) -> None:
    """The members are these, as far as they are Users here; both they and those who leave change, too.

    A member that nobody knows is left out, not refused: a directory deletes a User and changes its groups at once.
    """
    group_id = uuid.UUID(str(group.id))
    wanted = await _users(session, group.members or [])
    known = set(await session.scalars(select(ScimMember.user_id).where(ScimMember.group_id == group_id)))
    joining, leaving = wanted.keys() - known, known - wanted.keys()
    if leaving:
        gone = ScimMember.group_id == group_id, ScimMember.user_id.in_(leaving)
        await session.execute(delete(ScimMember).where(*gone))
    if joining:
        rows = [{"group_id": group_id, "user_id": one, "display": wanted[one]} for one in sorted(joining)]
        await session.execute(insert(ScimMember), rows)
    is_renamed = before is not None and _names(before) != _names(group)
    touched = known | wanted.keys() if is_renamed else joining | leaving
    await touch(session, touched)
    if _names(group) & roles.keys() or (before and _names(before) & roles.keys()):
        await give_roles(session, roles, touched)
    after = {"members": len(wanted), "joined": _some(joining), "left": _some(leaving)}
    action = "scim.group_changed" if before else "scim.group_created"
    await record(session, action=action, actor=who, target_type="scim_group", target_id=group_id, after=after)


async def delete_group(session: AsyncSession, who: Principal, roles: Roles, group_id: uuid.UUID) -> None:
    """With its members' roles."""
    members = set(await session.scalars(select(ScimMember.user_id).where(ScimMember.group_id == group_id)))
    await touch(session, members)
    await session.execute(delete(ScimResource).where(ScimResource.id == group_id))
    if roles:
        await give_roles(session, roles, members)
    after = {"left": _some(members)}
    await record(
        session, action="scim.group_deleted", actor=who, target_type="scim_group", target_id=group_id, after=after
    )


async def give_roles(session: AsyncSession, roles: Roles, user_ids: Iterable[uuid.UUID]) -> None:
    """What the groups of now give; who has no account gets them with it."""
    for user_id in sorted(user_ids):
        if account := await account_of(session, user_id):
            joined: ScalarResult[dict[str, Any]] = await session.scalars(
                select(ScimResource.told)
                .join(ScimMember, ScimMember.group_id == ScimResource.id)
                .where(ScimMember.user_id == user_id)
            )
            names = [name for told in joined for name in (told.get("displayName"), told.get("externalId")) if name]
            await follow_roles(session, account, roles_of(roles, names), source=SOURCE)


async def touch(session: AsyncSession, ids: Iterable[uuid.UUID]) -> None:
    """What is derived from others changed with them: another ETag."""
    changed = {"revision": ScimResource.revision + 1, "modified_at": sql.now()}
    await session.execute(update(ScimResource).where(ScimResource.id.in_(list(ids))).values(changed))


async def _users(session: AsyncSession, members: list[Any]) -> dict[uuid.UUID, str | None]:
    """The Users among them, with what each is called there."""
    named = {member.value or str(member.ref or "").rsplit("/", 1)[-1]: member.display for member in members}
    ids = {key: display for name, display in named.items() if (key := as_key(name))}
    users = select(ScimResource.id).where(ScimResource.id.in_(ids), ScimResource.kind == "User")
    return {one: ids[one] for one in await session.scalars(users)}


def _names(group: Group) -> set[str]:
    return {name for name in (group.display_name, group.external_id) if name}


def _some(ids: set[uuid.UUID]) -> list[str] | int:
    return [str(one) for one in sorted(ids)] if len(ids) <= MOST_NAMED else len(ids)
