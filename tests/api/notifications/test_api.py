"""One's own notifications and choices by JSON, and the link in a mail that ends it."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.notifications.reader import choices_of
from api.notifications.rules import KINDS
from api.notifications.unsubscribe import Wish, link
from api.people.models import PersonSetting
from api.web.notifications import SYMBOLS
from tests.api.notifications.conftest import News
from tests.factories import make_person

Tokens = Callable[..., dict[str, str]]


async def test_notifications_are_ones_own_newest_first_and_read_once(
    api: httpx.AsyncClient, committed: AsyncSession, news: News, token_for: Tokens
) -> None:
    ada, bob = await make_person(committed), await make_person(committed, "Bo B")
    new = await make_person(committed, "Ne W", started_on=date(2999, 1, 1))
    await committed.commit()
    await news.tell(ada.id, "waitlisted", "promoted", "course_completed", code="X")
    await news.tell(new.id, "enrolled")
    await news.execute("update notification set is_shown = false where kind = 'promoted'")

    async def page(person: Any, **asked: Any) -> dict[str, Any]:
        answer = await api.get("/me/notifications", params=asked, headers=token_for(person.id))
        assert answer.status_code == 200
        return answer.json()

    first = await page(ada, limit=1)
    assert (first["unread"], [one["kind"] for one in first["items"]]) == (2, ["course_completed"])
    assert (first["items"][0]["href"], first["items"][0]["title"]) == ("/my/certificates", "Completed: Safe data")
    rest = await page(ada, limit=1, cursor=first["next"])
    assert ([one["kind"] for one in rest["items"]], rest["next"]) == (["waitlisted"], None)
    assert [(await page(other))["items"] for other in (bob, new)] == [[], []], "not before the first working day"

    async def read(person: Any, body: dict[str, Any]) -> httpx.Response:
        return await api.post("/me/notifications/read", json=body, headers=token_for(person.id))

    ids = [first["items"][0]["id"]]
    assert (await read(bob, {"ids": ids})).json() == {"unread": 0}
    assert (await page(ada))["unread"] == 2, "somebody else's reading is theirs"
    assert [(await read(ada, {"ids": ids})).json() for _ in range(2)] == [{"unread": 1}] * 2
    assert [one["kind"] for one in (await page(ada, unread=True))["items"]] == ["waitlisted"]
    assert (await read(ada, {"all": True})).json() == {"unread": 0}
    assert [(await read(ada, body)).status_code for body in ({}, {"ids": ids, "all": True})] == [422, 422]


async def test_what_is_left_out_of_choices_stays_and_what_must_be_seen_can_not_be_hidden(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Tokens
) -> None:
    ada = await make_person(committed)
    committed.add(PersonSetting(person_id=ada.id, time_zone="Europe/Berlin"))
    await committed.commit()
    me = token_for(ada.id)

    async def put(**body: Any) -> httpx.Response:
        return await api.put("/me/notification-choices", json=body, headers=me)

    before = (await api.get("/me/notification-choices", headers=me)).json()
    assert (before["time_zone"], before["digest"], before["quiet_from"]) == ("Europe/Berlin", "off", "20:00")
    after = (await put(kinds={"overdue": {"mail": False}}, digest="weekly", quiet_from=None, quiet_to=None)).json()
    kinds = {one["kind"]: one for one in after["kinds"]}
    assert (kinds["overdue"]["app"], kinds["overdue"]["mail"], kinds["enrolled"]["mail"]) == (True, False, True)
    assert (after["digest"], after["digest_at"], after["quiet_from"]) == ("weekly", "08:00", None)
    for wrong in (
        {"kinds": {"overdue": {"app": False}}},
        {"kinds": {"nothing": {"mail": True}}},
        {"quiet_from": "20:00"},
        {"digest": "hourly"},
    ):
        answer = await put(**wrong)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), wrong
    assert (await api.get("/me/notification-choices", headers=me)).json() == after


async def test_one_click_ends_a_kind_of_mail_and_looking_at_the_link_does_not(
    api: httpx.AsyncClient, committed: AsyncSession, settings: Settings
) -> None:
    ada = await make_person(committed)
    committed.add(PersonSetting(person_id=ada.id, language="en"))
    await committed.commit()
    path = link(settings, Wish(ada.id, "enrolled")).removeprefix(settings.api_url)
    for method in ("GET", "HEAD", "GET"):
        await api.request(method, path)
    assert await choices_of(committed, ada.id) == {}
    shown = await api.get(path)
    assert "I am enrolled in a course" in shown.text
    assert f'action="{path}"' in shown.text
    assert "Ada" not in shown.text, "a forwarded mail tells nobody whose it is"
    clicks = [await api.post(path, data={"List-Unsubscribe": "One-Click"}) for _ in range(2)]
    assert [one.status_code for one in clicks] == [200, 200]
    assert {kind: held.mail for kind, held in (await choices_of(committed, ada.id)).items()} == {"enrolled": False}
    person, _, signature = path.split("/")[-1].partition(".")[0], "", path.split(".")[-1]
    for forged in (f"{person}.all.{signature}", f"{uuid.uuid4().hex}.enrolled.{signature}", "x", f"..{signature}"):
        assert (await api.post(f"/unsubscribe/{forged}")).status_code == 404
    everything = link(settings, Wish(ada.id, "all")).removeprefix(settings.api_url)
    assert (await api.post(everything)).status_code == 200
    held = await choices_of(committed, ada.id)
    assert set(held) == set(KINDS)
    assert not any(one.mail for one in held.values())
    assert all(one.app for one in held.values())


def test_every_kind_has_a_symbol_on_the_page() -> None:
    assert set(SYMBOLS) == set(KINDS)
