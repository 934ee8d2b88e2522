"""Certificates for their holders and for whoever holds a code."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.core.http import BODY, Invalid, SessionDep, SettingsDep, problems
from api.core.i18n import Wording, accepted_language
from api.credentials import pdf, revocation, service, views
from api.credentials.schemas import CODE, ID, HeldPage, RevokeIn, VerificationOut
from api.identity.deps import LearnerDep, allow
from api.identity.rules import Principal
from api.people.preferences import preferences_of

router = APIRouter(tags=["certificates"])
OfficerDep = Annotated[Principal, Depends(allow("people", "officer"))]
Code = Annotated[str, Path(max_length=40, examples=[CODE])]
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The certificate"}}


@router.get(
    "/certificate",
    operation_id="myCertificate",
    summary="A certificate of mine, as PDF",
    response_class=Response,
    responses={**PDF, **problems(401, 404, 409)},
)
async def my_certificate(
    request: Request,
    me: LearnerDep,
    session: SessionDep,
    settings: SettingsDep,
    course_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    code: Annotated[str | None, Query(max_length=40, examples=[CODE])] = None,
) -> Response:
    """The newest of a course, or the one with this code, in the reader's language. 409 where it was revoked."""
    if course_id is None and code is None:
        raise Invalid("Name the course by `course_id`, or the certificate by `code`.")
    found = await service.my_certificate(session, person_id=me.person_id, course_id=course_id, code=code)
    headers = {"Content-Disposition": f'attachment; filename="certificate-{found.code}.pdf"'}
    chosen = (await preferences_of(session, me.person_id)).language
    wording = Wording(chosen or accepted_language(request.headers.get("accept-language", "")))
    return Response(await run_in_threadpool(pdf.render, found, settings, wording), 200, headers, "application/pdf")


@router.get("/me/certificates", operation_id="myCertificates", summary="My certificates", responses=problems(401))
async def my_certificates(me: LearnerDep, session: SessionDep, settings: SettingsDep) -> HeldPage:
    """The newest first; those that expired, were renewed or revoked too, each with its state."""
    found = await service.mine(session, me.person_id)
    return HeldPage.model_validate({"items": [views.held_out(one, settings) for one in found]})


@router.get(
    "/certificates/{code}",
    operation_id="verifyCertificate",
    summary="Whether a certificate is genuine",
    responses=problems(404),
)
async def verify(session: SessionDep, settings: SettingsDep, code: Code) -> VerificationOut:
    """Open to everybody who holds the code; case and dashes don't matter."""
    return VerificationOut.model_validate(views.told(await service.verify(session, code), settings))


@router.post(
    "/revoke-certificate",
    operation_id="revokeCertificate",
    summary="Take a certificate back",
    responses=problems(*BODY, 401, 404),
)
async def revoke(body: RevokeIn, me: OfficerDep, session: SessionDep, settings: SettingsDep) -> VerificationOut:
    """Of a person whom the officer reaches. The second time changes nothing: the first reason stays."""
    done = await revocation.revoke(session, me, code=body.code, reason=body.reason)
    return VerificationOut.model_validate(views.told(done, settings))
