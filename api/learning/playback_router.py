"""Beginning to play."""

from fastapi import APIRouter

from api.core.http import BODY, SessionDep, problems
from api.identity.deps import LearnerDep
from api.learning import playback
from api.learning.playback_schemas import PlaySessionIn, PlaySessionOut

router = APIRouter(tags=["learning"])


@router.post(
    "/play-sessions",
    status_code=201,
    operation_id="beginPlaying",
    summary="Begin to play a video or read a document",
    responses=problems(*BODY, 401, 404, 409),
)
async def begin_playing(body: PlaySessionIn, me: LearnerDep, session: SessionDep) -> PlaySessionOut:
    """Its time runs from now, by the server's clock: events that name it are credited up to that time, at the rate
    that they were played at. Each call begins another one, which is harmless: together they get no more than one.
    """
    return await playback.begin_session(session, person_id=me.person_id, sent=body)
