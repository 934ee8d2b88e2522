"""Who I am."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.core.http import ReaderDep, problems
from api.identity.deps import PrincipalDep, allow_openid
from api.identity.rules import Principal
from api.people import service
from api.people.schemas import MeOut, Ref, UserInfo

router = APIRouter(tags=["people"])


@router.get("/me", operation_id="me", summary="Who I am and how many people are below me", responses=problems(401, 404))
async def me(principal: PrincipalDep, reader: ReaderDep) -> MeOut:
    person = await service.profile(reader, principal.person_id)
    team = await service.team_of(reader, principal.person_id) if "manager" in principal.roles else []
    return MeOut(
        person=Ref(id=person["id"], name=person["display_name"]),
        email=person["email"],
        roles=sorted(principal.roles),
        job_title=person["job_title"],
        org_unit=person["org_unit_name"],
        team_size=len(team),
    )


@router.get(
    "/oauth/userinfo",
    operation_id="userinfo",
    summary="Who signed in",
    responses=problems(401, 403),
    response_model_exclude_none=True,
)
@router.post(
    "/oauth/userinfo",
    operation_id="userinfoPost",
    summary="Who signed in",
    responses=problems(401, 403),
    response_model_exclude_none=True,
)
async def userinfo(who: Annotated[Principal, Depends(allow_openid)], reader: ReaderDep) -> UserInfo:
    """OpenID Connect: the subject, and name and e-mail as far as the token's scopes go."""
    known = await service.profile(reader, who.person) if who.person else None
    return UserInfo(
        sub=who.account_id,
        name=known["display_name"] if known and "profile" in who.scopes else None,
        email=known["email"] if known and "email" in who.scopes else None,
    )
