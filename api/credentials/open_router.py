"""What programs of others read: the signed credential, our keys, and which credentials were revoked. Open to all."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.core.http import SessionDep, SettingsDep, problems
from api.credentials import signing
from api.credentials.schemas import CODE
from api.credentials.signing import StatusLists

router = APIRouter(tags=["certificates"])
VC, VC_LD = "application/vc", "application/vc+ld+json"
ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""A verifier may run in a browser on any site; nothing here depends on who asks."""


EXAMPLE = {"id": "https://praxis.example.com/issuer"}


def answers(description: str, *types: str) -> dict[int | str, dict[str, Any]]:
    """Documents of others' standards: an example says which one, they say the rest."""
    told = {"schema": {"type": "object"}, "example": EXAMPLE}
    return {200: {"description": description, "content": dict.fromkeys(types, told)}}


@router.get(
    "/certificates/{code}/credential",
    operation_id="certificateCredential",
    summary="A certificate, signed for programs",
    response_class=Response,
    responses={**answers("An Open Badges 3.0 credential (W3C VC 2.0)", VC, VC_LD), **problems(404)},
)
async def credential(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    code: Annotated[str, Path(max_length=40, examples=[CODE])],
) -> Response:
    """The same document each time. Of a revoked certificate too: its `credentialStatus` says so."""
    signed = await signing.signed_credential(session, settings, request.app.state.issuer_keys, code)
    kind = VC_LD if VC_LD in request.headers.get("accept", "") else VC
    name = json.loads(signed)["id"].split("/")[-2]
    return Response(signed, 200, {**ANYWHERE, "Content-Disposition": f'attachment; filename="{name}.json"'}, kind)


@router.get(
    "/issuer",
    operation_id="credentialIssuer",
    summary="The keys that sign our credentials",
    response_class=Response,
    responses={**answers("A controller document", "application/json"), **problems()},
)
async def issuer(request: Request) -> Response:
    """Old keys stay: what they signed stays proven."""
    return Response(json.dumps(request.app.state.issuer_keys.document()), 200, ANYWHERE, "application/json")


@router.get(
    "/credential-status/{number}",
    operation_id="credentialStatus",
    summary="Which credentials were revoked",
    response_class=Response,
    responses={**answers("A BitstringStatusListCredential", VC, VC_LD), **problems(404)},
)
async def status_list(
    request: Request, session: SessionDep, number: Annotated[int, Path(ge=0, le=16383, examples=[0])]
) -> Response:
    lists: StatusLists = request.app.state.status_lists
    return Response(json.dumps(await lists.get(session, number)), 200, ANYWHERE, VC)
