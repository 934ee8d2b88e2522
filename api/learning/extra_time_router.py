"""Who has extra time in quizzes; for officers."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.core.http import BODY, SessionDep, problems
from api.identity.deps import allow
from api.identity.rules import Principal
from api.learning import extra_time
from api.learning.extra_time_schemas import ExtraTimeIn, ExtraTimeOut, ExtraTimePage, ExtraTimePerson
from api.learning.quiz_models import ExtraTime

router = APIRouter(tags=["people"])
OfficerDep = Annotated[Principal, Depends(allow("people", extra_time.RESPONSIBLE))]


def _out(one: ExtraTime) -> ExtraTimeOut:
    person = ExtraTimePerson(id=one.person_id, name=one.person.display_name, email=one.person.email)
    return ExtraTimeOut(person=person, percent=one.percent, reason=one.reason, set_at=one.set_at)


@router.get("/extra-time", operation_id="extraTimes", summary="Who has extra time", responses=problems(401, 403))
async def extra_times(me: OfficerDep, session: SessionDep) -> ExtraTimePage:
    """Of the people whom the caller reaches as an officer."""
    return ExtraTimePage(items=[_out(one) for one in await extra_time.extra_times(session, me)])


@router.put(
    "/extra-time",
    status_code=204,
    operation_id="setExtraTime",
    summary="Give a person extra time in quizzes",
    responses=problems(*BODY, 401, 404),
)
async def set_extra_time(body: ExtraTimeIn, me: OfficerDep, session: SessionDep) -> None:
    """Idempotent. An attempt that is open becomes longer at once; the audit log has the percentage, not the reason."""
    await extra_time.set_extra_time(session, me, person_id=body.person_id, percent=body.percent, reason=body.reason)
