"""Mandatory training and who need not do it; for officers. Auditors read."""

import uuid
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api.compliance import overview, waivers
from api.compliance.models import Waiver
from api.compliance.requirement_schemas import (
    Day,
    EndIn,
    EvidencePage,
    EvidenceRow,
    MadeOut,
    PreviewIn,
    PreviewOut,
    RequirementIn,
    RequirementOut,
    RequirementPage,
    WaivedPerson,
    WaiverIn,
    WaiverOut,
    WaiverPage,
)
from api.compliance.service import OFFICER, check_audience, check_whole_company, end_requirement, make_requirement
from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.identity.deps import allow
from api.identity.rules import Principal
from api.people.service import check_within

router = APIRouter(tags=["compliance"])
OfficerDep = Annotated[Principal, Depends(allow("people", OFFICER))]
ReadingDep = Annotated[Principal, Depends(allow("people", *overview.READERS))]


@router.get(
    "/requirements", operation_id="requirements", summary="What is mandatory, for whom", responses=problems(401, 403)
)
async def requirements(me: ReadingDep, reader: ReaderDep) -> RequirementPage:
    """With how it stands among the people whom the caller reaches; those that are over come last."""
    rows = await overview.standing(reader, me)
    return RequirementPage(items=[RequirementOut.model_validate(row) for row in rows])


@router.post(
    "/requirements",
    operation_id="makeRequirement",
    summary="Make a course mandatory",
    responses=problems(*BODY, 401, 403, 404),
)
async def make(body: RequirementIn, me: OfficerDep, session: SessionDep) -> MadeOut:
    """For an audience, from a day on. Idempotent: the same again is the one that is there."""
    check_whole_company(me)
    terms = {name: getattr(body, name) for name in type(body).model_fields if name not in ("audience", "course_id")}
    made = await make_requirement(session, course_id=body.course_id, audience=body.audience, actor=me, **terms)
    return MadeOut(id=made.id)


@router.post(
    "/requirements/preview",
    operation_id="previewRequirement",
    summary="Whom a rule would mean today",
    responses=problems(*BODY, 401, 403),
)
async def preview(body: PreviewIn, me: OfficerDep, session: SessionDep) -> PreviewOut:
    """Changes nothing. Counts and names people whom the caller reaches."""
    await check_audience(session, body.audience)
    told = await overview.preview(session, me, course_id=body.course_id, audience=body.audience)
    return PreviewOut.model_validate(told)


@router.post(
    "/requirements/{requirement_id}/end",
    operation_id="endRequirement",
    summary="Stop asking for it",
    responses=problems(*BODY, 401, 403, 404, 409),
)
async def end(requirement_id: uuid.UUID, body: EndIn, me: OfficerDep, session: SessionDep) -> MadeOut:
    """From a day on; what was owed and done until then stays on record. Idempotent."""
    check_whole_company(me)
    return MadeOut(id=(await end_requirement(session, me, requirement_id, ends_on=body.ends_on)).id)


def _out(one: Waiver) -> WaiverOut:
    return WaiverOut(
        id=one.id,
        person=WaivedPerson(id=one.person_id, name=one.person.display_name),
        requirement_id=one.requirement_id,
        reason=one.reason,
        approved_by=one.approved_by,
        valid_from=one.valid_from,
        until=one.valid_to - timedelta(days=1) if one.valid_to else None,
        recorded_at=one.recorded_at,
    )


@router.get("/waivers", operation_id="waivers", summary="Who need not do what", responses=problems(401, 403))
async def waived(me: ReadingDep, session: SessionDep, requirement_id: uuid.UUID | None = None) -> WaiverPage:
    """Those that hold today, of the people whom the caller reaches."""
    return WaiverPage(items=[_out(one) for one in await waivers.waivers(session, me, requirement_id=requirement_id)])


@router.post(
    "/waivers",
    operation_id="waive",
    summary="Let a person off a requirement",
    responses=problems(*BODY, 401, 403, 404, 409),
)
async def waive(body: WaiverIn, me: OfficerDep, session: SessionDep) -> MadeOut:
    """From today on, with a reason that only officers and auditors read. Idempotent."""
    made = await waivers.waive(
        session,
        me,
        person_id=body.person_id,
        requirement_id=body.requirement_id,
        reason=body.reason,
        until=body.until,
    )
    return MadeOut(id=made.id)


@router.post(
    "/waivers/{waiver_id}/end",
    operation_id="endWaiver",
    summary="End a waiver today",
    responses=problems(401, 403, 404),
)
async def end_waiver(waiver_id: uuid.UUID, me: OfficerDep, session: SessionDep) -> MadeOut:
    """Idempotent."""
    return MadeOut(id=(await waivers.end_waiver(session, me, waiver_id)).id)


@router.get(
    "/people/{person_id}/obligations",
    operation_id="obligationHistory",
    summary="What a person owed on a day, as it was known at a moment",
    responses=problems(401, 403, 404),
)
async def history(
    person_id: uuid.UUID,
    me: ReadingDep,
    session: SessionDep,
    valid_at: Annotated[Day | None, Query(description="Default: every day.")] = None,
    known_at: Annotated[AwareDatetime | None, Query(description="Default: now.")] = None,
) -> EvidencePage:
    """Every period is a row of its own; what a correction replaced is still there for an earlier `known_at`."""
    await check_within(session, me, person_id, *overview.READERS)
    rows = await overview.evidence(session, person_id, valid_at=valid_at, known_at=known_at)
    return EvidencePage(items=[EvidenceRow.model_validate(row) for row in rows])
