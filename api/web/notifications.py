"""What I was told, how I want to hear it, and the links in mails that end them."""

import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.core import i18n
from api.core.errors import NotFound, ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.core.i18n import wording
from api.identity.rules import Principal
from api.notifications import service
from api.notifications.labels import labels
from api.notifications.reader import wording_of
from api.notifications.schemas import NotificationOut
from api.notifications.unsubscribe import end_mails, read
from api.web.notification_form import choices_in
from api.web.pages import go, page
from api.web.shell import caller, learner_page

router = APIRouter(include_in_schema=False)
HERE, CHOICES = "/notifications", "/notifications/choices"
SYMBOLS = {
    "assigned": "list-check",
    "due_soon": "calendar",
    "overdue": "alert-triangle",
    "course_changed": "refresh",
    "enrolled": "books",
    "live_tomorrow": "calendar-event",
    "live_changed": "calendar-event",
    "waitlisted": "hourglass",
    "promoted": "circle-check",
    "approval_asked": "users",
    "approval_decided": "user",
    "course_completed": "award",
    "path_completed": "route",
    "certificate_expires": "clock",
    "reminded": "bell",
    "scheduled_report": "file-text",
    "report_failed": "alert-triangle",
    "hr_attention": "database",
    "certificate_revoked": "ban",
}
LIST, FORM = "learn/notifications.html", "learn/notification_choices.html"


@router.get("/notifications")
async def notifications_page(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    cursor: Annotated[uuid.UUID | None, Query()] = None,
    done: Annotated[str, Query()] = "",
) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        found = await service.listed(session, who.person_id, cursor=cursor)
        return {"days": _by_day(found.items), "unread": found.unread, "next": found.next}

    values: dict[str, Any] = {"symbols": SYMBOLS, "is_done": done == "read", "is_later": cursor is not None}
    return await learner_page(request, session, settings, LIST, section="notifications", load=load, **values)


@router.get("/notifications/choices")
async def choices_page(
    request: Request, session: SessionDep, settings: SettingsDep, done: Annotated[str, Query()] = ""
) -> Response:
    return await _choices(request, session, settings, is_saved=done == "saved")


@router.post("/notifications/choices")
async def choose(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    """The whole form; what isn't ticked is off. What is wrong is said on the page."""
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={CHOICES}")
    who.check_may_write()
    try:
        given = choices_in({name: str(value) for name, value in (await request.form()).items()})
        await service.choose(session, who.person_id, given)
    except ValueError:
        return await _choices(request, session, settings, is_wrong=True)
    except ProblemError:
        return await _choices(request, session, settings, is_wrong=True)
    return go(f"{CHOICES}?done=saved")


@router.post("/notifications/read")
async def read_all(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={HERE}")
    who.check_may_write()
    await service.mark_read(session, who.person_id)
    return go(f"{HERE}?done=read")


@router.get("/notifications/{notification_id}")
async def open_one(
    request: Request, session: SessionDep, settings: SettingsDep, notification_id: uuid.UUID
) -> Response:
    """On to what it is about; it is read then."""
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={HERE}")
    href = await service.opened(session, who.person_id, notification_id)
    return go(href or HERE)


@router.get("/unsubscribe/{token}")
async def unsubscribe_page(session: SessionDep, settings: SettingsDep, token: str) -> Response:
    """Asks: programs that look at links before a person does must change nothing."""
    return await _unsubscribe(session, settings, token, does=False)


@router.post("/unsubscribe/{token}")
async def unsubscribe(session: SessionDep, settings: SettingsDep, token: str) -> Response:
    """RFC 8058: mail programs send this by themselves once a person asks; the page's button does too."""
    return await _unsubscribe(session, settings, token, does=True)


async def _unsubscribe(session: SessionDep, settings: SettingsDep, token: str, *, does: bool) -> Response:
    try:
        wish = read(settings, token)
    except NotFound:
        return page("learn/unsubscribe.html", status=404, token=token, what=None, is_done=False)
    i18n.use(await wording_of(session, wish.person_id, settings.time_zone))
    if does:
        await end_mails(session, wish)
    what = labels().get(wish.kind) or _("Everything about my learning")
    return page("learn/unsubscribe.html", token=token, what=what, is_done=does)


async def _choices(
    request: Request, session: SessionDep, settings: SettingsDep, *, is_saved: bool = False, is_wrong: bool = False
) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        return {"told": await service.choices(session, who.person_id, default_zone=settings.time_zone)}

    values: dict[str, Any] = {"section": "notifications", "load": load, "is_saved": is_saved, "is_wrong": is_wrong}
    return await learner_page(
        request, session, settings, FORM, status=422 if is_wrong else 200, has_mail=bool(settings.smtp_url), **values
    )


def _by_day(items: list[NotificationOut]) -> list[tuple[str, list[NotificationOut]]]:
    """Named as people say it, by the reader's clock."""
    zone = wording().zone
    today = datetime.now(UTC).astimezone(zone).date()
    days = groupby(items, key=lambda one: one.occurred_at.astimezone(zone).date())
    return [(_day(day, today), list(found)) for day, found in days]


def _day(day: date, today: date) -> str:
    known = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
    return known.get(day) or wording().day(day, "full")
