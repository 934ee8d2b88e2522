"""Who I am."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.core.http import ReaderDep, problems
from api.identity.deps import PrincipalDep, allow_openid
from api.identity.rules import Principal
from api.identity.service import email_of
from api.people import service, sight
from api.people.schemas import MeOut, ReachOut, Ref, UserInfo
from api.people.sight import BY_ROLE

router = APIRouter(tags=["people"])


@router.get("/me", operation_id="me", summary="Who I am, and whose numbers I see", responses=problems(401))
async def me(principal: PrincipalDep, reader: ReaderDep) -> MeOut:
    known = await service.profile(reader, principal.person) if principal.person else None
    reach = principal.reach(*BY_ROLE)
    return MeOut(
        person=Ref(id=known["id"], name=known["display_name"]) if known else None,
        email=known["email"] if known else await email_of(reader, principal.account_id),
        roles=sorted(principal.roles),
        job_title=known and known["job_title"],
        org_unit=known and known["org_unit_name"],
        **await sight.led(reader, principal),
        reach=ReachOut(everyone=reach.everyone, org_units=await service.unit_names(reader, reach.org_units)),
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
