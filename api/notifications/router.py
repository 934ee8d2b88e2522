"""What I was told, and how I want to hear it."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from api.core.http import BODY, ReaderDep, SessionDep, SettingsDep, problems
from api.identity.deps import PrincipalDep
from api.notifications import service
from api.notifications.schemas import ChoicesIn, ChoicesOut, NotificationPage, ReadIn, ReadOut

router = APIRouter(tags=["notifications"])


@router.get("/me/notifications", operation_id="myNotifications", summary="What I was told", responses=problems(401))
async def my_notifications(
    me: PrincipalDep,
    reader: ReaderDep,
    settings: SettingsDep,
    unread: Annotated[bool, Query(description="Only what I haven't read.")] = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
    cursor: Annotated[uuid.UUID | None, Query(description="`next` of the page before.")] = None,
) -> NotificationPage:
    """The newest first, in my language."""
    await service.use_wording(reader, me.person_id, settings.time_zone)
    return await service.listed(reader, me.person_id, unread=unread, limit=limit, cursor=cursor)


@router.post(
    "/me/notifications/read",
    operation_id="readNotifications",
    summary="I have read these, or all",
    responses=problems(*BODY, 401),
)
async def read_notifications(body: ReadIn, me: PrincipalDep, session: SessionDep) -> ReadOut:
    """Again changes nothing; ids that are not mine are left out."""
    return ReadOut(unread=await service.mark_read(session, me.person_id, ids=None if body.all else body.ids))


@router.get(
    "/me/notification-choices",
    operation_id="myNotificationChoices",
    summary="What I hear of, how and when",
    responses=problems(401),
)
async def my_notification_choices(me: PrincipalDep, reader: ReaderDep, settings: SettingsDep) -> ChoicesOut:
    await service.use_wording(reader, me.person_id, settings.time_zone)
    return await service.choices(reader, me.person_id, default_zone=settings.time_zone)


@router.put(
    "/me/notification-choices",
    operation_id="setMyNotificationChoices",
    summary="Choose what I hear of, how and when",
    responses=problems(*BODY, 401),
)
async def set_my_notification_choices(
    body: ChoicesIn, me: PrincipalDep, session: SessionDep, settings: SettingsDep
) -> ChoicesOut:
    """What is left out stays. Some kinds are always shown in the app; any mail can be switched off."""
    await service.use_wording(session, me.person_id, settings.time_zone)
    await service.choose(session, me.person_id, body)
    return await service.choices(session, me.person_id, default_zone=settings.time_zone)
