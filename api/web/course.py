"""A course's page: what it is about, how far I am in it, and how to come in or go on."""

import uuid
from datetime import UTC, datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.obligations import Obligation, obligations
from api.core.errors import NotFound, ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.core.i18n import wording
from api.core.markdown import to_html
from api.core.settings import Settings
from api.credentials.models import Certificate
from api.credentials.service import ended, mine
from api.identity.rules import Principal
from api.learning import ratings
from api.learning.outline import MyCourse, my_course
from api.learning.requests import EnrollmentState, state_of
from api.media.service import asset_links
from api.web.shell import learner_page

router = APIRouter(include_in_schema=False)


class Refused(ProblemError):
    """A page's own sentence, in the reader's language."""

    status = 404

    def __init__(self, title: str, detail: str) -> None:
        super().__init__(detail)
        self.title = title  # type: ignore[misc]


@router.get("/learn/{course_id}")
async def course_page(request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        return await _told(session, settings, request.app.state.media_key, who.person_id, course_id)

    return await learner_page(request, session, settings, "learn/course.html", section="catalogue", load=load)


async def _told(
    session: AsyncSession, settings: Settings, media_key: bytes, person_id: uuid.UUID, course_id: uuid.UUID
) -> dict[str, Any]:
    try:
        found = await my_course(session, person_id=person_id, course_id=course_id)
    except NotFound:
        what = _("It was never published, or the address is mistyped. The catalogue lists what there is.")
        raise Refused(_("There is no such course"), what) from None
    version, now = found.version, datetime.now(UTC)
    if found.enrollment is None and not found.is_offered:
        what = _("“{title}” is not given any more. The catalogue lists what there is.").format(title=version.title)
        raise Refused(_("This course is no longer offered"), what)
    duty = await _duty(session, person_id, course_id)
    asked = await state_of(session, person_id, course_id)
    is_over = found.enrollment is not None and await ended(session, found.enrollment.id, now)
    cover = asset_links(settings, media_key, version.cover) if version.cover else None
    return {
        "mine": found,
        "course": found.course,
        "version": version,
        "enrollment": found.enrollment,
        "asked": asked,
        "action": action(found, asked, is_due=duty is not None and duty.is_open(), is_over=is_over),
        "duty": duty,
        "award": await _award(session, person_id, course_id),
        "is_over": is_over,
        "rating": await ratings.summary(await session.connection(), course_id=course_id),
        "cover": cover and cover["url"],
        "text": Markup(to_html(version.description)),  # noqa: S704 (sanitised there)
        "language": language_name(version.language),
    }


async def _duty(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> Obligation | None:
    """Why I have to take it: the duty that is open and due first, else one that is fulfilled."""
    told = await obligations(session, person_id=person_id, on=datetime.now(UTC).date())
    here = [one for one in told if one.course_id == course_id]
    return min(here, key=lambda one: (not one.is_open(), one.due_on), default=None)


async def _award(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> Certificate | None:
    """The newest certificate of the course that stands; of an enrollment before too."""
    held = (one.certificate for one in await mine(session, person_id) if one.state != "revoked")
    return next((one for one in held if one.course_id == course_id), None)


def action(course: MyCourse, asked: EnrollmentState, *, is_due: bool, is_over: bool) -> str:
    """What the page's one big button does: enrol, ask (for the manager's yes), queue (for a seat), begin, continue,
    again, look; or why there is none: blocked (another course first), waiting, pending_approval.

    Who must take it (`is_due`) is not held up by limits. `is_over`: what was earned ends or was taken back.
    """
    enrollment = course.enrollment
    if enrollment and enrollment.completed_at:
        return "again" if course.is_offered and (is_over or enrollment.retake_version_id) else "look"
    if enrollment:
        return "continue" if any(step.percent for step in course.steps) else "begin"
    if course.lacks:
        return "blocked"
    if asked.status in ("waiting", "pending_approval"):
        return str(asked.status)
    if is_due:
        return "enrol"
    return "ask" if asked.needs_approval else "queue" if asked.seats_left == 0 else "enrol"


def language_name(code: str) -> str:
    """In the reader's language."""
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(wording().locale) or code
    except (UnknownLocaleError, ValueError):
        return code
