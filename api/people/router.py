"""Who I am."""

from fastapi import APIRouter

from api.core.http import ReaderDep, problems
from api.identity.deps import PrincipalDep
from api.people import service
from api.people.schemas import MeOut, Ref

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
