"""A form of a learner's page: done once, then on to a page, so that reloading sends nothing twice."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Forbidden, ProblemError
from api.core.settings import Settings
from api.identity.rules import Principal
from api.web.pages import go
from api.web.shell import caller, learner_page


async def act(
    request: Request,
    session: AsyncSession,
    settings: Settings,
    run: Callable[[Principal], Awaitable[str]],
    *,
    section: str,
    back: str,
) -> Response:
    """`run` does it and gives the next address. Who is not signed in signs in and comes to `back`; a problem is a page
    that says why, and nothing of what was begun is kept.
    """
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={quote(back, safe='')}")
    try:
        who.check_may_write()
        if who.person is None or "employee" not in who.roles:
            raise Forbidden("This account belongs to no employee, so it has no learning of its own.")
        async with session.begin_nested():
            return go(await run(who))
    except ProblemError as refused:
        problem = refused

    async def tell(_: Principal) -> dict[str, str]:
        raise problem

    return await learner_page(request, session, settings, "learn/refused.html", section=section, load=tell)
