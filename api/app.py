"""The application: every domain's routes, one database, one lake."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware

from api import health
from api.compliance import exemptions  # noqa: F401  (says to api.learning whom no limit of a course holds)
from api.compliance import home_router as learner_home
from api.compliance import requirements_router as requirements
from api.compliance import write_back_router as hr_write_back
from api.core.content_site import ContentSite
from api.core.cross_site import CrossSiteGuard
from api.core.db import make_engine, make_pool, make_read_engine, make_sessions
from api.core.headers import SecurityHeaders
from api.core.http import install_problems
from api.core.limits import BodyLimit, HeadLimit
from api.core.origin import REQUEST_ID, OriginMiddleware
from api.core.ratelimit import rate_limits
from api.core.ratelimit_guard import RateLimitGuard
from api.core.settings import Settings
from api.core.telemetry import configure_logging
from api.courses import bank_router as banks
from api.courses import catalogue_router as course_catalogue
from api.courses import details_router as course_details
from api.courses import drafts_router as drafts
from api.courses import publish_router as publishing
from api.courses import router as courses
from api.courses import uses_router as media_uses
from api.courses.catalogue import Catalogue
from api.courses.details import CourseDetails
from api.credentials import open_router as open_credentials
from api.credentials import router as credentials
from api.credentials.issuer_keys import IssuerKeys
from api.credentials.signing import StatusLists
from api.identity import audit_router as audit_log
from api.identity import oauth_router as oauth
from api.identity.access import AccessNow
from api.identity.callers import caller
from api.identity.idp_config import CompanySignInMisconfigured, company_of
from api.identity.idp_provider import Provider
from api.identity.oauth_clients import first_party_clients
from api.identity.tokens import SigningKeys, TokenVerifier
from api.learning import comment_router as comments
from api.learning import extra_time_router as extra_time
from api.learning import live_router as live
from api.learning import note_router as notes
from api.learning import packages_router as learner_packages
from api.learning import playback_router as playback
from api.learning import quiz_router as quizzes
from api.learning import ratings_router as ratings
from api.learning import releases_router as releases
from api.learning import requests_router as enrollment_requests
from api.learning import router as learning
from api.learning.engagement import engagement_writer
from api.media import assets_router as media_assets
from api.media import captions_router as media_captions
from api.media import packages_router as package_files
from api.media import router as media
from api.media import transcode_router as media_transcode
from api.media import uploads_router as uploads
from api.media.service import ensure_media_key
from api.notifications import router as notifications
from api.paths import router as paths
from api.people import grants_router as grants
from api.people import history_router as people_history
from api.people import hr_router as hr
from api.people import preferences_router as preferences
from api.people import router as people
from api.reports import courses_router as course_reports
from api.reports import reminders_router as reminders
from api.reports import router as reports
from api.reports import runs_router as report_files
from api.reports import schedules_router as report_schedules
from api.reports.lake_reader import lake_reader
from api.scim import server as scim
from api.web import (
    account,
    authorize,
    catalogue,
    certificates,
    company,
    course,
    data_team,
    delegations,
    home,
    learner_paths,
    packages,
    player,
    reference,
    report_pages,
    sign_in,
    studio,
    studio_paths,
    studio_preview,
    studio_publish,
    studio_quiz,
    team_requests,
)
from api.web import (
    extra_time as extra_time_page,
)
from api.web import notes as my_notes
from api.web import notifications as notification_pages
from api.web import preferences as my_preferences
from api.web import requirements as requirement_pages
from api.web.pages import static, too_many
from api.web.reference import swagger_ui

DESCRIPTION = """
The transactional core of Praxis. Every answer that is not a success is a problem document (RFC 9457)
whose `detail` says what to do. Sign in by OAuth 2.0 (the padlock), or send `Authorization: Bearer <token>`.
"""

ROUTERS = (  # the busy ones first: each request is looked for in this order
    learning,
    course_catalogue,
    courses,
    health,
    reference,
    oauth,
    sign_in,
    company,
    authorize,
    account,
    delegations,
    data_team,
    report_pages,
    learner_paths,
    team_requests,
    catalogue,
    certificates,
    my_preferences,
    studio,
    studio_paths,
    studio_preview,
    studio_publish,
    studio_quiz,
    audit_log,
    people,
    people_history,
    preferences,
    notifications,
    notification_pages,
    learner_home,
    requirements,
    requirement_pages,
    grants,
    hr,
    hr_write_back,
    course_details,
    drafts,
    publishing,
    releases,
    banks,
    credentials,
    open_credentials,
    enrollment_requests,
    ratings,
    notes,
    comments,
    quizzes,
    extra_time,
    extra_time_page,
    learner_packages,
    playback,
    live,
    paths,
    media,
    media_uses,
    media_assets,
    media_captions,
    media_transcode,
    uploads,
    package_files,
    packages,
    home,
    course,
    player,
    my_notes,
    reports,
    reminders,
    course_reports,
    report_files,
    report_schedules,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        app.state.signing_keys = SigningKeys(settings)
        app.state.token_verifier = TokenVerifier(app.state.signing_keys, settings)
        app.state.issuer_keys = IssuerKeys(settings)
        app.state.status_lists = StatusLists(settings, app.state.issuer_keys)
        app.state.media_key = ensure_media_key(settings)
        app.state.engine = make_engine(settings.database_url)
        stack.push_async_callback(app.state.engine.dispose)
        app.state.read_engine = make_read_engine(settings.database_url)
        stack.push_async_callback(app.state.read_engine.dispose)
        app.state.access = AccessNow(app.state.read_engine)
        app.state.sessions = make_sessions(app.state.engine)
        app.state.catalogue = Catalogue(app.state.read_engine, settings, app.state.media_key)
        app.state.course_details = CourseDetails(app.state.read_engine, settings, app.state.media_key)
        app.state.limits = await stack.enter_async_context(rate_limits(settings, app.state.engine.url))
        await stack.enter_async_context(first_party_clients(app.state.engine, settings))
        app.state.lanes = await stack.enter_async_context(make_pool(settings.database_url))
        app.state.engagement = await stack.enter_async_context(engagement_writer(app.state.engine))
        app.state.lake = await stack.enter_async_context(lake_reader(settings, app.state.read_engine))
        yield


def _add_cors(app: FastAPI, settings: Settings) -> None:
    """Closed, unless other sites are named; they send tokens, never our cookies."""
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_credentials=False,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", REQUEST_ID],
            expose_headers=["RateLimit", "RateLimit-Policy", "Retry-After", REQUEST_ID],
        )


def _company(settings: Settings) -> Provider | None:
    """The company's own sign-in; without it nobody could come in rightly, so a wrong setting ends the start."""
    try:
        told = company_of(settings)
    except CompanySignInMisconfigured as wrong:
        raise SystemExit(f"praxis: {wrong}") from None
    return Provider(told, settings) if told else None


def create_app(settings: Settings | None = None) -> FastAPI:
    app = FastAPI(
        title="Praxis", version="1", description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.settings = settings or Settings()
    configure_logging(app.state.settings)
    app.state.company = _company(app.state.settings)
    install_problems(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(RateLimitGuard, who_is_it=caller, refusal=too_many)
    app.add_middleware(CrossSiteGuard, settings=app.state.settings)
    _add_cors(app, app.state.settings)
    app.add_middleware(ContentSite, settings=app.state.settings)
    app.add_middleware(HeadLimit)
    app.add_middleware(SecurityHeaders, settings=app.state.settings)
    app.add_middleware(OriginMiddleware)  # the outermost: each answer names its request
    app.mount("/static", GZipMiddleware(static, minimum_size=1000))  # files only: nothing secret is in them
    app.mount("/static-offline-docs", swagger_ui)
    app.mount(scim.PLACE, scim.answer)
    for module in ROUTERS:
        app.include_router(module.router)
    return app
