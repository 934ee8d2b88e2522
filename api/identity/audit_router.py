"""The audit log over HTTP: officers and auditors of the whole company search and export it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from api.core.http import ReaderDep, SessionDep, problems
from api.identity import audit_search
from api.identity.audit import record
from api.identity.audit_schemas import AuditPage
from api.identity.deps import AuditDep

router = APIRouter(tags=["identity"])
KINDS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
EXPORTS = {
    "content": {"text/csv": {}, "application/jsonl": {"example": {"seq": 1, "text": "{}", "previous": "", "hash": ""}}},
    "description": "A page, the newest first; with format=csv or jsonl everything that matches, the oldest first",
}
Text = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get(
    "/audit-log",
    operation_id="searchAuditLog",
    summary="Who did what to whom, from where",
    response_model=AuditPage,
    responses={200: EXPORTS, **problems(401, 403)},
)
async def search_audit_log(
    request: Request,
    me: AuditDep,
    reader: ReaderDep,
    session: SessionDep,
    actor: Annotated[
        Text, Query(description="Who did it, or for whom: an id, an e-mail address or a whole name.")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=80, pattern=r"^[a-z_.]*$", description="Or its beginning.", examples=["identity."])
    ] = None,
    target_type: Text = None,
    target: Annotated[Text, Query(description="On whom or what: the same, or another thing's id.")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    to: Annotated[AwareDatetime | None, Query(description="Exclusive.")] = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    format: Annotated[Literal["json", "csv", "jsonl"], Query()] = "json",
) -> AuditPage | Response:
    """An export has each entry's canonical text and hash, so that anybody can check it; it is itself in the log."""
    audit_search.refuse_narrowed(me)
    actors = await audit_search.actors_of(reader, actor.strip()) if actor else None
    targets = await audit_search.targets_of(reader, target.strip()) if target else None
    filters = audit_search.Filters(actors, action, target_type, targets, since, to)
    if format == "json":
        items, following = await audit_search.search(reader, filters, cursor=cursor, limit=limit)
        return AuditPage.model_validate({"items": items, "next": following})
    asked = {"format": format, **filters.given()}
    await record(
        session, action="identity.audit_log_exported", actor=me, target_type="audit_log", target_id=None, after=asked
    )
    return StreamingResponse(
        audit_search.export(request.app.state.read_engine, filters, format),
        media_type=KINDS[format],
        headers={"Content-Disposition": f'attachment; filename="audit-log.{format}"'},
    )
