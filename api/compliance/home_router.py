"""What an employee sees first, for programs; the page is api/web/home.py."""

from fastapi import APIRouter

from api.compliance.home import home
from api.compliance.home_schemas import HomeOut
from api.core.http import ReaderDep, problems
from api.core.i18n import Wording
from api.identity.deps import LearnerDep
from api.people.preferences import preferences_of

router = APIRouter(tags=["learning"])


@router.get("/me/home", operation_id="myHome", summary="What I must do, and where I was", responses=problems(401))
async def my_home(me: LearnerDep, reader: ReaderDep) -> HomeOut:
    """The most pressing first. Recommended are courses that I may begin, each with the reason."""
    chosen = await preferences_of(reader, me.person_id)
    zone = Wording(time_zone=chosen.time_zone or "UTC").zone
    return HomeOut.model_validate(await home(reader, person_id=me.person_id, zone=zone))
