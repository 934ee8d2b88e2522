"""What every page of ours needs first: who is there, how they are written to, and the frame around a learner's page."""

from typing import Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import i18n
from api.core.errors import Forbidden, ProblemError, Unauthorized
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import Wording, accepted_language
from api.core.i18n import gettext as _
from api.core.settings import Settings
from api.identity.rules import Principal
from api.identity.sessions import session_secret_hash
from api.people.models import Person
from api.people.preferences import preferences_of
from api.web.pages import go, page


async def caller(request: Request, settings: Settings) -> Principal | None:
    """By the browser's session; None for who is not signed in, or no longer."""
    secret = session_secret_hash(request.cookies, settings)
    try:
        who: Principal | None = await request.app.state.access.of_session(secret) if secret else None
    except Unauthorized:
        return None
    return who


def own_address(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "–"


def media_sources(settings: Settings) -> dict[str, str]:
    """Where media come from beside this host; hls.js plays from memory (blob:) and reads playlists by fetch."""
    cdn, content = " ".join(settings.media_origins), settings.content_url
    return {
        "img-src": f"'self' data: blob: {cdn}",
        "media-src": f"'self' blob: {cdn}",
        "connect-src": f"'self' {cdn}",
        "frame-src": f"'self' {cdn} {content}",
        "worker-src": "'self'",
    }


async def worded(request: Request, session: AsyncSession, who: Principal | None) -> Wording:
    """How this reader is written to, from here on: as they chose, else as their browser asks."""
    accepted = accepted_language(request.headers.get("accept-language", ""))
    told = Wording(accepted)
    if who is not None and who.person is not None:
        chosen = await preferences_of(session, who.person)
        told = Wording(chosen.language or accepted, chosen.time_zone or request.app.state.settings.time_zone)
        request.state.knows_time_zone = chosen.time_zone is not None
    i18n.use(told)
    return told


async def _in_their_language(request: Request, session: SessionDep, settings: SettingsDep) -> None:
    await worded(request, session, await caller(request, settings))


async def _in_the_browsers_language(request: Request) -> None:
    i18n.use(Wording(accepted_language(request.headers.get("accept-language", ""))))


InTheirLanguage = Depends(_in_their_language)
"""For routers of pages that `learner_page` doesn't make."""

InTheBrowsersLanguage = Depends(_in_the_browsers_language)
"""The same without a look into the database, where that would keep a connection waiting."""


async def frame(session: AsyncSession, settings: Settings, who: Principal, section: str) -> dict[str, Any]:
    """What the top of each page shows."""
    person = await session.get(Person, who.person) if who.person else None
    name = person.display_name if person else ""
    return {
        "section": section,
        "person_name": name,
        "initials": initials(name),
        "dashboards_url": settings.dashboards_url,
    }


async def learner_page(
    request: Request,
    session: AsyncSession,
    settings: Settings,
    template: str,
    *,
    section: str,
    load: Any = None,
    status: int = 200,
    **values: Any,
) -> Response:
    """A page for who learns; `section` is the entry of the navigation that it belongs to: home, catalogue, paths, ...

    `load` is an async function of the caller that gives the template's other values. Who is not signed in goes to the
    sign-in and comes back; a problem that `load` raises is a page that says why and what to do, with its status.
    """
    who = await caller(request, settings)
    await worded(request, session, who)
    if who is None:
        return go(f"/sign-in?next={quote(own_address(request), safe='')}")
    shell = await frame(session, settings, who, section) | {
        "is_creator": "creator" in who.roles,
        "is_officer": "officer" in who.roles,
        "ask_time_zone": not getattr(request.state, "knows_time_zone", True),
    }
    try:
        if who.person is None or "employee" not in who.roles:
            raise Forbidden("This account belongs to no employee, so it has no learning of its own.")
        told = await load(who) if load else {}
    except ProblemError as problem:
        shell |= {"title": _(problem.title), "what": _(problem.detail)}
        return page("learn/refused.html", status=problem.status, headers=problem.headers, **shell)
    return page(template, status=status, sources=media_sources(settings), **shell, **values, **told)
