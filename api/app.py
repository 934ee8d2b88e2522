"""The application: every domain's routes, one database, one lake."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from api import health
from api.core.cross_site import CrossSiteGuard
from api.core.db import make_engine, make_read_engine, make_sessions
from api.core.http import install_problems
from api.core.limits import BodyLimit
from api.core.origin import OriginMiddleware
from api.core.settings import Settings
from api.courses import router as courses
from api.identity import audit_router as audit_log
from api.identity import oauth_router as oauth
from api.identity.access import AccessNow
from api.identity.idp_config import CompanySignInMisconfigured, company_of
from api.identity.idp_provider import Provider
from api.identity.oauth_clients import first_party_clients
from api.identity.tokens import SigningKeys, TokenVerifier
from api.learning import router as learning
from api.learning.engagement import engagement_writer
from api.media import router as media
from api.media.service import ensure_media_key
from api.people import grants_router as grants
from api.people import router as people
from api.reports import router as reports
from api.reports.lake_reader import lake_reader
from api.web import account, authorize, company, delegations, sign_in
from api.web.pages import static

DESCRIPTION = """
The transactional core of Praxis. Every answer that is not a success is a problem document (RFC 9457)
whose `detail` says what to do. Sign in by OAuth 2.0 (the padlock), or send `Authorization: Bearer <token>`.
"""

ROUTERS = (
    health,
    oauth,
    sign_in,
    company,
    authorize,
    account,
    delegations,
    audit_log,
    people,
    grants,
    courses,
    learning,
    media,
    reports,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        app.state.signing_keys = SigningKeys(settings)
        app.state.token_verifier = TokenVerifier(app.state.signing_keys, settings)
        app.state.media_key = ensure_media_key(settings)
        app.state.engine = make_engine(settings.database_url)
        stack.push_async_callback(app.state.engine.dispose)
        app.state.read_engine = make_read_engine(settings.database_url)
        stack.push_async_callback(app.state.read_engine.dispose)
        app.state.access = AccessNow(app.state.read_engine)
        app.state.sessions = make_sessions(app.state.engine)
        await stack.enter_async_context(first_party_clients(app.state.engine, settings))
        app.state.engagement = await stack.enter_async_context(engagement_writer(app.state.engine))
        app.state.lake = await stack.enter_async_context(lake_reader(settings))
        yield


def _company(settings: Settings) -> Provider | None:
    """The company's own sign-in; without it nobody could come in rightly, so a wrong setting ends the start."""
    try:
        told = company_of(settings)
    except CompanySignInMisconfigured as wrong:
        raise SystemExit(f"praxis: {wrong}") from None
    return Provider(told, settings) if told else None


def create_app(settings: Settings | None = None) -> FastAPI:
    app = FastAPIOffline(
        title="Praxis",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": True},  # asks no other host
    )
    app.state.settings = settings or Settings()
    app.state.company = _company(app.state.settings)
    install_problems(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(CrossSiteGuard, settings=app.state.settings)
    app.add_middleware(OriginMiddleware)  # the outermost: each answer names its request
    app.add_api_route("/", lambda: RedirectResponse("/docs"), include_in_schema=False)
    app.mount("/static", static)
    for module in ROUTERS:
        app.include_router(module.router)
    return app
