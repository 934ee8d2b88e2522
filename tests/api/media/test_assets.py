"""A creator's media library: their own files, deleted only where nothing shows them."""

import uuid
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.courses.models import CourseAuthor, Module
from api.media.models import MediaAsset, MediaObject
from api.media.uploads_tasks import remove_unused_files
from api.people.models import Person
from tests.api.media.files import png
from tests.factories import make_course, make_person

Headers = dict[str, str]


@pytest.fixture
async def owner(committed: AsyncSession) -> Person:
    person = await make_person(committed, roles=("creator",))
    await committed.commit()
    return person


@pytest.fixture
def creator(owner: Person, token_for: Callable[..., Headers]) -> Headers:
    return token_for(owner.id, "employee", "creator")


async def give(api: httpx.AsyncClient, creator: Headers, name: str, content: bytes) -> str:
    answer = await api.post("/upload-material", params={"file_name": name}, content=content, headers=creator)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["asset_id"])


async def test_the_library_lists_ones_own_files_newest_first(
    api: httpx.AsyncClient, creator: Headers, committed: AsyncSession, token_for: Callable[..., Headers]
) -> None:
    ids = [await give(api, creator, f"100%-{n}.png", png(50 + n)) for n in range(3)]
    page = (await api.get("/media-assets", params={"limit": 2}, headers=creator)).json()
    assert [item["id"] for item in page["items"]] == ids[:0:-1]
    rest = (await api.get("/media-assets", params={"limit": 2, "cursor": page["next"]}, headers=creator)).json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (ids[:1], None)
    found = await api.get("/media-assets", params={"search": "0%-1", "kind": "image"}, headers=creator)
    assert [item["id"] for item in found.json()["items"]] == ids[1:2]
    assert (await api.get("/media-assets", params={"kind": "video"}, headers=creator)).json()["items"] == []
    other = await make_person(committed, "Bo Li", roles=("creator",))
    await committed.commit()
    foreign = token_for(other.id, "creator")
    assert (await api.get("/media-assets", headers=foreign)).json()["items"] == []
    assert (await api.get(f"/media-assets/{ids[0]}", headers=foreign)).status_code == 404
    assert (await api.delete(f"/media-assets/{ids[0]}", headers=foreign)).status_code == 404


async def test_a_file_that_a_course_shows_is_not_deleted(
    api: httpx.AsyncClient, creator: Headers, owner: Person, committed: AsyncSession
) -> None:
    asset_id = await give(api, creator, "a.png", png(60))
    module = Module(position=1, kind="document", title="Read", duration_s=60, media_id=uuid.UUID(asset_id))
    await make_course(committed, owner, modules=[module], is_published=False)
    await committed.commit()
    refused = await api.delete(f"/media-assets/{asset_id}", headers=creator)
    assert (refused.status_code, refused.json()["title"]) == (409, "The file is in use")
    assert refused.json()["detail"].startswith("A module of a course")
    assert (await api.get(f"/media-assets/{asset_id}", headers=creator)).status_code == 200


async def test_a_co_author_sees_the_files_of_the_course_and_deletes_none(
    api: httpx.AsyncClient,
    creator: Headers,
    owner: Person,
    committed: AsyncSession,
    token_for: Callable[..., Headers],
) -> None:
    shown, other = await give(api, creator, "a.png", png(62)), await give(api, creator, "b.png", png(63))
    module = Module(position=1, kind="document", title="Read", duration_s=60, media_id=uuid.UUID(shown))
    course = await make_course(committed, owner, modules=[module], is_published=False)
    friend = await make_person(committed, "Di Ro", roles=("creator",))
    await committed.commit()
    theirs = token_for(friend.id, "creator")
    assert (await api.get(f"/media-assets/{shown}", headers=theirs)).status_code == 404
    committed.add(CourseAuthor(course_id=course.id, person_id=friend.id))
    await committed.commit()
    assert (await api.get(f"/media-assets/{shown}", headers=theirs)).status_code == 200
    assert (await api.get(f"/media-assets/{other}", headers=theirs)).status_code == 404
    assert (await api.delete(f"/media-assets/{shown}", headers=theirs)).status_code == 404


async def test_a_deleted_files_bytes_go_unless_another_has_the_same(
    api: httpx.AsyncClient, creator: Headers, session: AsyncSession, settings: Settings
) -> None:
    first, second = [await give(api, creator, name, png(61)) for name in ("a.png", "b.png")]
    asset = await session.get(MediaAsset, uuid.UUID(first))
    assert asset and asset.object_id
    stored = await session.get(MediaObject, asset.object_id)
    assert stored
    link = (await api.get(f"/media-assets/{second}", headers=creator)).json()["links"]["url"]
    link = link.removeprefix(settings.api_url)
    engine = make_engine(settings.database_url)
    job = Context(settings, make_sessions(engine))
    for asset_id, left in ((first, 200), (second, 404)):
        assert (await api.delete(f"/media-assets/{asset_id}", headers=creator)).status_code == 204
        assert (await api.delete(f"/media-assets/{asset_id}", headers=creator)).status_code == 404
        await remove_unused_files(job, hashes=[stored.sha256], bundle=None)
        assert (await api.get(link)).status_code == left
    await engine.dispose()


async def test_an_auditor_sees_no_library_and_deletes_nothing(
    api: httpx.AsyncClient, creator: Headers, owner: Person, token_for: Callable[..., Headers]
) -> None:
    asset_id = await give(api, creator, "c.png", png(64))
    auditor = token_for(owner.id, "auditor")
    assert (await api.get("/media-assets", headers=auditor)).status_code == 403
    assert (await api.delete(f"/media-assets/{asset_id}", headers=auditor)).status_code == 403
