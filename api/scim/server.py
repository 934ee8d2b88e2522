"""SCIM at /scim/v2 as an ASGI application: who may ask, one transaction a request, errors as SCIM writes them.

It describes itself to clients (/Schemas, /ResourceTypes), so it is not in our OpenAPI document.
"""

import json
from http import HTTPStatus
from typing import Any

import structlog
from scim2_models import Context, Resource, ResponseParameters, SCIMException
from scim2_server.handler import AsyncScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.core.errors import Forbidden, Unauthorized
from api.core.http import problem_of
from api.identity.deps import SAFE_METHODS, allow, bearer, current_principal
from api.identity.idp_config import roles_of_groups
from api.identity.rules import Principal
from api.scim.rules import provider
from api.scim.storage import Storage

PLACE = "/scim/v2"
log = structlog.get_logger()
_check_scope = allow("scim")


class Service(ScimService):
    """As scim2-server has it, but that a PATCH answers with the resource, as many clients expect."""

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        return self.resource_response(
            self.publish(base_url, resource), Context.RESOURCE_REPLACEMENT_RESPONSE, response_parameters
        )


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    request, service = Request(scope, receive), Service(provider())
    try:
        said = await _handle(request, service)
    except Exception as error:
        said = service.error_response(_scim_error(error))
    body = b"" if said.body is None else json.dumps(said.body, ensure_ascii=False).encode()
    await Response(body, said.status, said.headers)(scope, receive, send)


async def _handle(request: Request, service: Service) -> ScimResponse:
    """The commit comes before the answer, so that a failing one can't answer 200."""
    who = await _caller(request)
    state = request.app.state
    asked = ScimRequest(
        method="GET" if request.method == "HEAD" else request.method,
        base_url=f"{state.settings.api_url}{PLACE}",
        path=get_route_path(request.scope),
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await request.body(),
        subject=who,
    )
    async with state.sessions.begin() as session:
        storage = Storage(session, who, roles_of_groups(state.settings))
        said = await AsyncScimHandler(service, storage).handle(asked)
    if request.method not in SAFE_METHODS:
        state.access.forget()
    return said


async def _caller(request: Request) -> Principal:
    """A service of the whole company with the scope; never a browser's session, whatever it may do."""
    token = await bearer(request)
    if token is None:
        raise Unauthorized("Send `Authorization: Bearer <token>`: `praxis scim token` makes one.")
    who = await _check_scope(await current_principal(request, token))
    if not who.reach("service").everyone:
        raise Forbidden("SCIM is for the whole company, and this service is for a part of it.")
    return who


def _scim_error(error: Exception) -> Exception:
    """The same in SCIM's words; what is our own mistake is logged whole and told as a bare 500."""
    if isinstance(error, SCIMException):
        return error
    if isinstance(error, HTTPException):  # the body is too large
        return _told(error.status_code, HTTPStatus(error.status_code).phrase)
    if problem := problem_of(error):
        return _told(problem.status, problem.detail)
    log.error("unhandled", path=PLACE, exc_info=error)
    return error


def _told(status: int, detail: str) -> SCIMException:
    told = SCIMException(detail=detail)
    told.status = status
    return told
