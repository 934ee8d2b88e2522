"""What I earned, and the page on which anybody checks a certificate."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import NotFound, ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.settings import Settings
from api.credentials import service, views
from api.credentials.rules import normal_code
from api.credentials.service import Held
from api.identity.rules import Principal
from api.learning.service import enroll
from api.web.pages import go, page
from api.web.shell import caller, learner_page, worded

router = APIRouter(include_in_schema=False)
UNSEEN = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
"""A certificate names a person: search engines are not to find it, and other sites not to learn its code."""


def shown(held: Held, settings: Settings) -> dict[str, Any]:
    """For a page: days are UTC's, as on the paper, so that an end is the same day for everybody."""
    told = views.held_out(held, settings)
    for name in ("issued_at", "expires_at", "revoked_at", "renewable_from"):
        told[name] = told[name] and told[name].astimezone(UTC).date()
    today = datetime.now(UTC).date()
    told["is_over"] = bool(told["expires_at"] and told["expires_at"] < today)
    told["is_renewable"] = bool(told["renewable_from"] and told["renewable_from"] <= today)
    return told


@router.get("/my/certificates")
async def mine(
    request: Request, session: SessionDep, settings: SettingsDep, refused: Annotated[uuid.UUID | None, Query()] = None
) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        return {"held": [shown(one, settings) for one in await service.mine(session, who.person_id)]}

    template = "learn/certificates.html"
    return await learner_page(request, session, settings, template, section="certificates", load=load, refused=refused)


@router.post("/my/certificates/renew")
async def renew(
    request: Request, session: SessionDep, settings: SettingsDep, course_id: Annotated[uuid.UUID, Form()]
) -> Response:
    """Begins the course anew, or goes on where that was done before."""
    who = await caller(request, settings)
    if who is None:
        return go("/sign-in?next=/my/certificates")
    try:
        who.check_may_write()
        await enroll(session, person_id=who.person_id, course_id=course_id)
    except ProblemError:
        return go(f"/my/certificates?refused={course_id}")
    return go(f"/learn/{course_id}")


@router.get("/verify")
async def ask(
    request: Request, session: SessionDep, settings: SettingsDep, code: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """A form for a code from paper; it leads to the code's own address."""
    if any(letter.isalnum() for letter in code):
        return go(f"/verify/{_in_address(code)}")
    return await _told(request, session, settings)


@router.get("/verify/{code}")
async def verify(request: Request, session: SessionDep, settings: SettingsDep, code: str) -> Response:
    """Where the QR code leads: for people without an account too."""
    try:
        held = await service.verify(session, code[:100])
    except NotFound:
        return await _told(request, session, settings, status=404, typed=code[:40])
    return await _told(request, session, settings, one=shown(held, settings))


async def _told(
    request: Request,
    session: AsyncSession,
    settings: Settings,
    *,
    status: int = 200,
    one: dict[str, Any] | None = None,
    typed: str | None = None,
) -> Response:
    who = await caller(request, settings)
    await worded(request, session, who)
    home = "/home" if who else "/verify"
    return page("learn/verify.html", status=status, headers=UNSEEN, one=one, typed=typed, home=home)


def _in_address(code: str) -> str:
    """As we write it, with nothing in it that would mean something in an address."""
    return "".join(
        letter for letter in normal_code(code)[:40] if letter.isascii() and (letter.isalnum() or letter == "-")
    )
