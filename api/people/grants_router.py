"""Who may do what, and who acts for whom: roles, delegations, dotted lines."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.core.http import ReaderDep, SessionDep, problems
from api.identity.deps import allow
from api.identity.models import Account, RoleGrant
from api.identity.rules import Principal
from api.people import role_grants, service
from api.people.delegations import delegate, delegations, end_delegation
from api.people.dotted_lines import RESPONSIBLE, dotted_lines, draw_line, end_line
from api.people.models import Delegation, DottedLine, OrgUnit, Person
from api.people.schemas import (
    ID,
    DelegationIn,
    DelegationOut,
    DelegationPage,
    DottedLineIn,
    DottedLineOut,
    DottedLinePage,
    OrgUnitPage,
    Ref,
    RoleGrantIn,
    RoleGrantOut,
    RoleGrantPage,
)

router = APIRouter(tags=["people"])
ManagerDep = Annotated[Principal, Depends(allow("people", "manager"))]
OfficerDep = Annotated[Principal, Depends(allow("people", "officer"))]
GrantReaderDep = Annotated[Principal, Depends(allow("people", *role_grants.READERS))]
LinesDep = Annotated[Principal, Depends(allow("people", *RESPONSIBLE))]
Id = Annotated[uuid.UUID, Path(alias="id", examples=[ID])]
KNOWN = {"description": "It was there already"}


@router.get("/org-units", operation_id="orgUnits", summary="The company's units", responses=problems(401, 403))
async def org_units(_: GrantReaderDep, reader: ReaderDep) -> OrgUnitPage:
    return OrgUnitPage.model_validate({"items": await service.org_units(reader)})


@router.get("/delegations", operation_id="delegations", summary="Who acts for whom", responses=problems(401, 403))
async def my_delegations(me: ManagerDep, session: SessionDep) -> DelegationPage:
    """Live ones that the caller gave or got."""
    return DelegationPage(items=[_delegation(one) for one in await delegations(session, me.person_id)])


@router.post(
    "/delegations",
    status_code=201,
    operation_id="delegate",
    summary="Let somebody act for me",
    responses={200: {"model": DelegationOut, **KNOWN}, **problems(401, 403, 404)},
)
async def make_delegation(body: DelegationIn, me: ManagerDep, session: SessionDep, response: Response) -> DelegationOut:
    """Until then they see whom I see as a manager. The same again is one; another end replaces it."""
    made, is_new = await delegate(session, me, person_id=body.person_id, email=body.email, until=body.valid_until)
    response.status_code = 201 if is_new else 200
    return _delegation(made)


@router.delete(
    "/delegations/{id}",
    status_code=204,
    operation_id="endDelegation",
    summary="End it now",
    responses=problems(401, 403, 404),
)
async def delete_delegation(delegation_id: Id, me: ManagerDep, session: SessionDep) -> None:
    """By either of the two, or an officer of the whole company."""
    await end_delegation(session, me, delegation_id)


@router.get("/dotted-lines", operation_id="dottedLines", summary="Second managers", responses=problems(401, 403))
async def list_lines(
    me: LinesDep,
    session: SessionDep,
    person_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    manager_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
) -> DottedLinePage:
    found = await dotted_lines(session, me, person_id=person_id, manager_id=manager_id)
    return DottedLinePage(items=[_line(one) for one in found])


@router.post(
    "/dotted-lines",
    status_code=201,
    operation_id="drawDottedLine",
    summary="Give a person a second manager",
    responses={200: {"model": DottedLineOut, **KNOWN}, **problems(401, 403, 404)},
)
async def make_line(body: DottedLineIn, me: LinesDep, session: SessionDep, response: Response) -> DottedLineOut:
    """The manager sees this person, and nobody below. The same again is one; another time replaces it."""
    person = await service.colleague(session, person_id=body.person_id, email=body.person_email)
    manager = await service.colleague(session, person_id=body.manager_id, email=body.manager_email)
    line, is_new = await draw_line(
        session, me, person_id=person.id, manager_id=manager.id, valid_from=body.valid_from, valid_to=body.valid_to
    )
    response.status_code = 201 if is_new else 200
    return _line(line)


@router.delete(
    "/dotted-lines/{id}",
    status_code=204,
    operation_id="endDottedLine",
    summary="End it today",
    responses=problems(401, 403, 404),
)
async def delete_line(line_id: Id, me: LinesDep, session: SessionDep) -> None:
    await end_line(session, me, line_id)


@router.get("/role-grants", operation_id="roleGrants", summary="Who has which role", responses=problems(401, 403))
async def list_grants(me: GrantReaderDep, session: SessionDep) -> RoleGrantPage:
    """As far as the caller's own roles reach."""
    return RoleGrantPage(items=[_grant(*row.tuple()) for row in await role_grants.grants(session, me)])


@router.post(
    "/role-grants",
    status_code=204,
    operation_id="grantRole",
    summary="Give a person a role",
    responses=problems(401, 403, 404),
)
async def grant(body: RoleGrantIn, me: OfficerDep, session: SessionDep, request: Request) -> None:
    """Once or again: the same, with the newer end."""
    person = await service.colleague(session, person_id=body.person_id, email=body.email)
    await role_grants.grant(
        session, me, person_id=person.id, role=body.role, org_unit_id=body.org_unit_id, valid_until=body.valid_until
    )
    request.app.state.access.forget()


@router.delete(
    "/role-grants/{id}",
    status_code=204,
    operation_id="withdrawRole",
    summary="Take a role away",
    responses=problems(401, 403, 404, 409),
)
async def withdraw(grant_id: Id, me: OfficerDep, session: SessionDep, request: Request) -> None:
    """At once, whatever tokens are around."""
    await role_grants.withdraw(session, me, grant_id)
    request.app.state.access.forget()


def _ref(known: Person | OrgUnit) -> Ref:
    return Ref(id=known.id, name=known.display_name if isinstance(known, Person) else known.name)


def _delegation(made: Delegation) -> DelegationOut:
    return DelegationOut(
        id=made.id,
        delegator=_ref(made.delegator),
        delegate=_ref(made.delegate),
        valid_from=made.valid_from,
        valid_until=made.valid_until,
    )


def _line(line: DottedLine) -> DottedLineOut:
    return DottedLineOut(
        id=line.id,
        person=_ref(line.person),
        manager=_ref(line.manager),
        valid_from=line.valid_from,
        valid_to=line.valid_to,
    )


def _grant(given: RoleGrant, account: Account, person: Person | None, unit: OrgUnit | None) -> RoleGrantOut:
    return RoleGrantOut(
        id=given.id,
        account_id=account.id,
        person=_ref(person) if person else None,
        email=account.email,
        role=given.role,
        org_unit=_ref(unit) if unit else None,
        source=given.source,
        valid_until=given.valid_until,
    )
