"""Where a creator's files are shown."""

import uuid
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import CourseAuthor, Module
from api.media.models import MediaAsset
from api.people.models import Person
from tests.factories import make_course, make_person

Headers = Callable[..., dict[str, str]]


async def make_asset(session: AsyncSession, owner: Person) -> MediaAsset:
    asset = MediaAsset(
        owner_id=owner.id,
        kind="video",
        file_name="film.mp4",
        content_type="video/mp4",
        size_bytes=9,
        status="ready",
        progress_percent=100,
    )
    session.add(asset)
    await session.flush()
    return asset


def video(asset: MediaAsset) -> Module:
    return Module(position=1, kind="video", title="Film", duration_s=60, media_id=asset.id)


async def test_uses_are_of_my_files_in_courses_that_i_write(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Headers
) -> None:
    me, other = [await make_person(committed, name, roles=("creator",)) for name in ("Mia Me", "Otto Other")]
    asset, unused, foreign = [await make_asset(committed, owner) for owner in (me, me, other)]
    mine = await make_course(committed, me, "Ladders", modules=[video(asset)])
    shared = await make_course(committed, other, "Ropes", modules=[video(asset)])
    committed.add(CourseAuthor(course_id=shared.id, person_id=me.id))
    await make_course(committed, other, "Secret", modules=[video(asset)])
    await make_course(committed, me, "Nets", modules=[video(foreign)])
    await committed.commit()

    asked = {"asset_id": [str(one.id) for one in (asset, unused, foreign)]}
    answer = await api.get("/media-uses", params=asked, headers=token_for(me.id, "creator"))

    assert answer.status_code == 200
    found = [(one["asset_id"], one["course_id"], one["title"]) for one in answer.json()["items"]]
    assert found == [(str(asset.id), str(mine.id), "Ladders"), (str(asset.id), str(shared.id), "Ropes")]


@pytest.mark.parametrize("asked", [{}, {"asset_id": [str(uuid.uuid4())] * 101}], ids=["none", "too many"])
async def test_uses_are_asked_for_some_files(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Headers, asked: dict[str, list[str]]
) -> None:
    me = await make_person(committed, roles=("creator",))
    await committed.commit()
    assert (await api.get("/media-uses", params=asked, headers=token_for(me.id, "creator"))).status_code == 422
