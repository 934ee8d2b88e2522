"""Where an officer makes courses mandatory, sees whom that would mean, ends it, lets people off; no scripts."""

import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Form, Request, Response
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance import overview, waivers
from api.compliance.requirement_schemas import RequirementIn, WaiverIn
from api.compliance.service import OFFICER, check_audience, check_whole_company, end_requirement, make_requirement
from api.core.errors import Forbidden, ProblemError
from api.core.http import Invalid, SessionDep, SettingsDep
from api.core.settings import Settings
from api.identity.rules import Principal
from api.people.service import colleague, org_units
from api.web.pages import go
from api.web.requirement_words import in_words, rule_of
from api.web.shell import caller, learner_page

router = APIRouter(include_in_schema=False)
PAGE = "/officer/requirements"
TERMS = ("course_id", "title", "due_from", "due_within_days", "due_day", "every_months", "renewal_days", "valid_from")
CREDITED = {"counts_earlier": "1", "counts_rehire": "1"}
"""How the empty form begins."""

COURSES = text(
    "select c.id, v.title from course c join course_version v on v.id = c.current_version_id"
    " where c.archived_at is null order by v.title, c.id limit 2000"
)


@router.get(PAGE)
async def requirements_page(request: Request, session: SessionDep, settings: SettingsDep, done: str = "") -> Response:
    return await _page(request, session, settings, done=done)


def _wanted(form: dict[str, Any]) -> RequirementIn:
    """What is wrong is said by the schema's own words, with the field."""
    told: dict[str, Any] = {name: form.get(name) for name in TERMS if form.get(name)}
    told["counts_earlier"] = "counts_earlier" in form
    told["counts_rehire"] = "counts_rehire" in form
    try:
        return RequirementIn.model_validate(told | {"audience": rule_of(form)})
    except ValidationError as error:
        said = [f"{' '.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:3]]
        raise Invalid("; ".join(said)) from None
    except msgspec.DecodeError:
        raise Invalid("The rule is not JSON.") from None


async def _form(request: Request) -> dict[str, Any]:
    """Units are many; everything else is one text."""
    try:
        form = await request.form()
    except Exception as error:  # the parser's own, and any codec's that the request names
        raise Invalid("The form can't be read: send it again from the page.") from error
    return {name: form.getlist(name) if name == "units" else str(form[name])[:4000] for name in form}


@router.post(f"{PAGE}/preview")
async def preview(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    form = await _form(request)

    async def look(who: Principal) -> dict[str, Any]:
        wanted = _wanted(form)
        await check_audience(session, wanted.audience)
        return await overview.preview(session, who, course_id=wanted.course_id, audience=wanted.audience)

    return await _do(request, session, settings, look, typed=form)


@router.post(PAGE)
async def make(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    form = await _form(request)

    async def work(who: Principal) -> None:
        check_whole_company(who)
        wanted = _wanted(form)
        terms = wanted.model_dump(exclude={"course_id", "audience"})
        await make_requirement(session, course_id=wanted.course_id, audience=wanted.audience, actor=who, **terms)

    return await _do(request, session, settings, work, done="made", typed=form)


@router.post(f"{PAGE}/end")
async def end(
    request: Request, session: SessionDep, settings: SettingsDep, requirement_id: Annotated[uuid.UUID, Form()]
) -> Response:
    async def work(who: Principal) -> None:
        check_whole_company(who)
        await end_requirement(session, who, requirement_id)

    return await _do(request, session, settings, work, done="ended")


@router.post(f"{PAGE}/waive")
async def waive(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    form = await _form(request)

    async def work(who: Principal) -> None:
        person = await colleague(session, email=form.get("email", ""))
        try:
            told = WaiverIn.model_validate(
                {"person_id": person.id, "requirement_id": form.get("requirement_id"), "reason": form.get("reason", "")}
                | ({"until": form["until"]} if form.get("until") else {})
            )
        except ValidationError as error:
            raise Invalid(
                "; ".join(f"{one['loc'][-1] if one['loc'] else ''} {one['msg']}" for one in error.errors())
            ) from None
        await waivers.waive(session, who, **told.model_dump())

    return await _do(request, session, settings, work, done="waived", typed=form)


@router.post(f"{PAGE}/end-waiver")
async def end_waiver(
    request: Request, session: SessionDep, settings: SettingsDep, waiver_id: Annotated[uuid.UUID, Form()]
) -> Response:
    async def work(who: Principal) -> None:
        await waivers.end_waiver(session, who, waiver_id)

    return await _do(request, session, settings, work, done="waiver-ended")


async def _do(
    request: Request,
    session: AsyncSession,
    settings: Settings,
    work: Callable[[Principal], Awaitable[dict[str, Any] | None]],
    *,
    done: str = "",
    typed: dict[str, Any] | None = None,
) -> Response:
    """What is wrong is said on the page, and what was typed stays there; a look changes nothing and is shown."""
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={PAGE}")
    try:
        _check(who)
        who.check_may_write()
        found = await work(who)
    except ProblemError as problem:
        return await _page(request, session, settings, error=problem.detail, typed=typed, status=problem.status)
    if found is not None:
        return await _page(request, session, settings, found=found, typed=typed)
    return go(f"{PAGE}?done={done}")


def _check(who: Principal) -> None:
    if OFFICER not in who.roles:
        raise Forbidden("What is mandatory is decided by compliance officers: ask yours.")


async def _page(
    request: Request,
    session: AsyncSession,
    settings: Settings,
    *,
    done: str = "",
    error: str = "",
    found: dict[str, Any] | None = None,
    typed: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        _check(who)
        today: date = datetime.now(UTC).date()
        units = await org_units(session)
        names = {str(one["id"]): one["name"] for one in units}
        items = [one | {"words": in_words(one, names)} for one in await overview.standing(session, who)]
        return {
            "items": items,
            "titles": {one["id"]: one["title"] or one["course_title"] for one in items},
            "waivers": await waivers.waivers(session, who),
            "courses": (await session.execute(COURSES)).all(),
            "org_units": units,
            "today": today,
            "is_whole": who.reach(OFFICER).everyone,
        }

    values = {
        "done": done,
        "error": error,
        "found": found,
        "typed": defaultdict(str, CREDITED if typed is None else typed),
    }
    template = "learn/requirements.html"
    return await learner_page(request, session, settings, template, section="", load=load, status=status, **values)
