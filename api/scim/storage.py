"""scim2-server's storage over our tables. One transaction a request, which the edge commits."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from scim2_models import (
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import AsyncScimStorage, SearchPage
from sqlalchemy import TextClause, delete, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import new_id
from api.identity.rules import Principal
from api.scim import groups, users
from api.scim.filters import SqlFilter
from api.scim.models import ScimMember, ScimResource
from api.scim.rules import ENTERPRISE, as_key, folded, provider, told_of


class Storage(AsyncScimStorage):
    """For one request of one caller."""

    def __init__(self, session: AsyncSession, who: Principal, roles: groups.Roles) -> None:
        self._session, self._who, self._roles = session, who, roles

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Locked where it is read to be changed: of two changes at once the second sees what the first made."""
        row = await self._row(resource_type, resource_id, is_for_change=response_parameters is None)
        return (await self._resources([row], _wants_members(response_parameters)))[0]

    async def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        condition, parameters = _condition(resource_types, search_request)
        table = ScimResource.__table__.alias("r")
        total = await self._session.scalar(select(func.count()).select_from(table).where(condition), parameters)
        rows: Sequence[Any] = []
        if search_request.count != 0:
            page = select(table).where(condition).order_by(table.c.id)
            page = page.offset(search_request.start_index_0 or 0).limit(search_request.count)
            rows = (await self._session.execute(page, parameters)).all()
        return SearchPage(total, await self._resources(rows, _wants_members(search_request)))

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        made: Any = resource.model_copy(deep=True)
        try:
            if resource_type.name == "User":
                made.active = made.active is not False
                row = await self._insert("User", await users.create(self._session, made), made)
                await users.created(self._session, self._who, made)
            else:
                row = await self._insert("Group", new_id(), made)
                await groups.put(self._session, self._who, self._roles, made, None)
        except IntegrityError as error:
            raise _taken() from error
        return await self.get(resource_type, str(row.id))

    async def _insert(self, kind: str, resource_id: uuid.UUID, made: Resource[Any]) -> ScimResource:
        made.id = str(resource_id)
        row = ScimResource(id=resource_id, kind=kind, **_kept(made))
        self._session.add(row)
        await self._session.flush()
        return row

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        row = await self._row(resource_type, resource.id, is_for_change=True)
        before: Any = (await self._resources([row], has_members=False))[0]
        _check(before, expected_version)
        now: Any = resource.model_copy(deep=True)
        try:
            for name, value in _kept(now).items():
                setattr(row, name, value)
            row.revision, row.modified_at = row.revision + 1, func.now()
            await self._session.flush()
            if row.kind == "User":
                await users.change(self._session, self._who, before, now)
                await groups.give_roles(self._session, self._roles, [row.id] if before.active != now.active else [])
            else:
                await groups.put(self._session, self._who, self._roles, now, before)
        except IntegrityError as error:
            raise _taken() from error
        return await self.get(resource_type, str(row.id))

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        row = await self._row(resource_type, resource_id, is_for_change=True)
        _check((await self._resources([row], has_members=False))[0], expected_version)
        if row.kind == "Group":
            return await groups.delete_group(self._session, self._who, self._roles, row.id)
        in_groups = select(ScimMember.group_id).where(ScimMember.user_id == row.id)
        await groups.touch(self._session, await self._session.scalars(in_groups))
        await self._session.execute(delete(ScimResource).where(ScimResource.id == row.id))
        await groups.give_roles(self._session, self._roles, [row.id])
        return await users.delete(self._session, self._who, row.id)

    async def _row(self, resource_type: ResourceType, resource_id: str | None, *, is_for_change: bool) -> ScimResource:
        wanted = select(ScimResource).where(
            ScimResource.id == as_key(resource_id), ScimResource.kind == resource_type.name
        )
        if is_for_change:
            wanted = wanted.with_for_update()
        row = await self._session.scalar(wanted.execution_options(populate_existing=True))
        if row is None:
            raise NotFoundException(detail=f"There is no {resource_type.name} {resource_id}.")
        return row

    async def _resources(self, rows: Sequence[Any], has_members: bool = True) -> list[Resource[Any]]:
        """With what is kept elsewhere: members and groups."""
        members = await self._linked([row.id for row in rows if row.kind == "Group"], "Group") if has_members else {}
        joined = await self._linked([row.id for row in rows if row.kind == "User"], "User")
        return [_resource(row, members.get(row.id), joined.get(row.id)) for row in rows]

    async def _linked(self, ids: list[uuid.UUID], kind: str) -> dict[uuid.UUID, list[dict[str, Any]]]:
        """Members of groups, or groups of users: the other end of each membership."""
        ends = (ScimMember.group_id, ScimMember.user_id)
        mine, other = ends if kind == "Group" else ends[::-1]
        found: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
        if ids:
            name = ScimResource.told["displayName"].astext
            shown = func.coalesce(ScimMember.display, name, ScimResource.told["userName"].astext)
            shown = shown if kind == "Group" else name
            links = select(mine, other, shown).join(ScimResource, ScimResource.id == other).where(mine.in_(ids))
            place, label = ("Users", "User") if kind == "Group" else ("Groups", "direct")
            for one, another, called in (await self._session.execute(links.order_by(mine, other))).tuples():
                link = {"value": str(another), "$ref": f"{place}/{another}", "type": label, "display": called}
                found[one].append(link)
        return found


def _resource(row: Any, members: Any, joined: Any) -> Resource[Any]:
    said = dict(row.told)
    company = said.get(ENTERPRISE) or {}
    if manager := company.get("manager"):
        said[ENTERPRISE] = {**company, "manager": {**manager, "$ref": f"Users/{manager['value']}"}}
    meta = {
        "resourceType": row.kind,
        "created": row.created_at,
        "lastModified": row.modified_at,
        "version": f'W/"{row.revision}"',
    }
    linked = {name: value for name, value in (("members", members), ("groups", joined)) if value}
    model: Any = provider().model_for(row.kind)
    resource: Resource[Any] = model.model_validate({**said, **linked, "id": str(row.id), "meta": meta})
    return resource


def _kept(resource: Resource[Any]) -> dict[str, Any]:
    said = told_of(resource)
    return {"told": said, "folded": folded(type(resource), said)}


def _condition(
    resource_types: list[ResourceType], search_request: SearchRequest[Any]
) -> tuple[TextClause, dict[str, Any]]:
    """Of each kind by itself: an attribute that one doesn't have matches none of it."""
    parts: list[str] = []
    parameters: dict[str, Any] = {}
    for n, resource_type in enumerate(resource_types):
        part = f"r.kind = '{resource_type.name}'"
        if search_request.filter:
            model: Any = provider().model_for(resource_type)
            bound = ScimFilter[model](str(search_request.filter))
            visitor = SqlFilter(bound, f"f{n}_")
            part += f" and {visitor.visit(bound.ast)}"
            parameters |= visitor.parameters
        parts.append(f"({part})")
    return text(" or ".join(parts)), parameters


def _wants_members(asked: ResponseParameters[Any] | None) -> bool:
    """Groups can have many; clients that only look for one say so."""
    if asked is None:
        return True
    if asked.attributes:
        return any(str(path).lower().split(".")[0].endswith("members") for path in asked.attributes)
    return not any(str(path).lower().endswith("members") for path in asked.excluded_attributes or [])


def _check(resource: Resource[Any], expected_version: str | None) -> None:
    if expected_version is not None and resource.meta and resource.meta.version != expected_version:
        raise PreconditionFailedException


def _taken() -> UniquenessException:
    return UniquenessException(
        detail="Another User has this userName, e-mail address or employeeNumber: one person, one User."
    )
