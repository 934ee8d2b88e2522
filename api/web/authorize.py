"""The authorization endpoint: a person says whether a client may act for them."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from authlib.oauth2 import OAuth2Error
from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from api.core.http import SessionDep, SettingsDep
from api.core.settings import Settings
from api.identity import oauth
from api.identity.audit import record
from api.identity.models import Account, BrowserSession
from api.identity.oauth_clients import Client
from api.identity.rules import ROLES_OF_SCOPE, SCOPES
from api.identity.sessions import find_session, session_secret_hash
from api.web.pages import go, page
from api.web.shell import InTheirLanguage

router = APIRouter(include_in_schema=False, dependencies=[InTheirLanguage])
PLAIN = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
"""What RFC 6749 allows in these parameters."""
FRESH = ("prompt", "max_age")
"""What asks for a new sign-in."""
Parameters = list[tuple[str, str]]


@router.get("/oauth/authorize")
async def authorize(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    """On to the client with a code; before that to the sign-in or the consent page where they are needed."""
    return await _authorize(request, session, settings, list(request.query_params.multi_items()), decision=None)


@router.post("/oauth/authorize")
async def decide(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    request_query: Annotated[str, Form(max_length=8000)] = "",
    decision: Annotated[str, Form(max_length=10)] = "deny",
) -> Response:
    """What the person said on the consent page."""
    try:
        parameters = parse_qsl(request_query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return _refused("There are too many parameters.")
    return await _authorize(request, session, settings, parameters, decision=decision)


async def _authorize(
    request: Request, session: SessionDep, settings: Settings, parameters: Parameters, decision: str | None
) -> Response:
    browser = await find_session(session, session_secret_hash(request.cookies, settings))
    asked = oauth.Request("GET", parameters, {})
    wrong = _wrong(asked, parameters)
    if wrong:
        return _refused(wrong)

    agreed: list[tuple[Account, dict[str, Any]]] = []

    def run(db: Session) -> Response:
        server = oauth.Server(db, settings, request.app.state.signing_keys)
        account = db.get(Account, browser.account_id) if browser else None
        subject = oauth.Subject(account, browser) if account else None
        try:
            grant = server.get_consent_grant(asked, end_user=subject)
        except OAuth2Error as error:
            return _error(error, settings)
        if subject is None or browser is None or (_wants_new_sign_in(grant, browser) and decision is None):
            return _to_sign_in(grant, parameters, settings)
        client: Client = asked.client
        if _must_ask(grant, client) and decision is None:
            if asked.payload.data.get("prompt") == "none":
                return _back_with(grant.redirect_uri, "consent_required", asked, settings)
            return _consent_page(client, asked, parameters, subject, grant.redirect_uri)
        is_granted = decision == "allow" or (decision is None and not _must_ask(grant, client))
        given = server.create_authorization_response(asked, subject if is_granted else None, grant=grant)
        if decision == "allow":
            agreed.append((subject.account, {"client_id": client.row.client_id, "scopes": asked.scope.split()}))
        return go(_with_issuer(str(given.location), settings))

    answer = await session.run_sync(run)
    for account, after in agreed:
        await record(
            session,
            action="identity.client_authorized",
            actor=account,
            target_type="client",
            target_id=after["client_id"],
            after=after,
        )
    return answer


def _wrong(asked: oauth.Request, parameters: Parameters) -> str | None:
    """What is wrong before the client is known, so that nobody may be sent on."""
    if asked.doubled:
        return f"The parameter {asked.doubled} came twice."
    odd = [name for name, value in parameters if not PLAIN.fullmatch(value)]
    if odd:
        return f"The parameter {odd[0]} has characters that can't be in it."
    if not asked.payload.data.get("redirect_uri"):
        return "The parameter redirect_uri is missing."
    return None


def _wants_new_sign_in(grant: Any, browser: BrowserSession) -> bool:
    data = grant.request.payload.data
    if grant.prompt == "login":
        return True
    max_age, proven_at = data.get("max_age", ""), browser.authenticated_at
    if not max_age.isdecimal():
        return False
    return proven_at is None or (datetime.now(UTC) - proven_at).total_seconds() > float(max_age)


def _to_sign_in(grant: Any, parameters: Parameters, settings: Settings) -> Response:
    if grant.request.payload.data.get("prompt") == "none":
        return _back_with(grant.redirect_uri, "login_required", grant.request, settings)
    # Without what asked for the new sign-in, or it would be asked for again and again; the company's own is told of it.
    rest = [(name, value) for name, value in parameters if name not in FRESH]
    fresh = {name: value for name, value in parameters if name in FRESH}
    return go("/sign-in?" + urlencode({"next": "/oauth/authorize?" + urlencode(rest), **fresh}))


def _must_ask(grant: Any, client: Client) -> bool:
    return not client.row.is_first_party or grant.prompt == "consent"


def _consent_page(
    client: Client, asked: oauth.Request, parameters: Parameters, subject: oauth.Subject, redirect_uri: str
) -> Response:
    scopes = [SCOPES[name] for name in asked.scope.split() if name in ROLES_OF_SCOPE or name != "openid"]
    return page(
        "consent.html",
        leads_to=redirect_uri,
        client=client.row.name,
        email=subject.account.email,
        scopes=scopes,
        request_query=urlencode(parameters),
        redirect_uri=redirect_uri,
    )


def _with_issuer(address: str, settings: Settings) -> str:
    """RFC 9207: the answer says whose it is, against mix-up."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'iss': settings.api_url})}"


def _back_with(redirect_uri: str, error: str, asked: oauth.Request, settings: Settings) -> Response:
    state = asked.payload.state
    query = urlencode({"error": error, **({"state": state} if state else {})})
    return go(_with_issuer(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}", settings))


def _error(error: OAuth2Error, settings: Settings) -> Response:
    """To the client where its address is known to be its own; otherwise to the person (no open redirect)."""
    if error.redirect_uri:
        _, _, headers = error()
        return go(_with_issuer(dict(headers)["Location"], settings))
    return _refused(error.description or error.error)


def _refused(what: str) -> Response:
    return page("refused.html", status=400, what=what)
