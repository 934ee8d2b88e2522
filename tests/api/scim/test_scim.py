"""A directory hires, moves, deactivates and takes back people, as Entra ID and Okta write it, over HTTP."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.tokens import operator_token
from api.people.models import Person
from api.people.rules import OrgUnitRow, Roster, RosterRow
from api.people.service import apply_roster
from tests.factories import make_person
from tests.loops import apart

T = TypeVar("T")
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
COMPANY = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_numbers = itertools.count(1)


@pytest.fixture
def database(served: Settings) -> Callable[[Callable[[AsyncSession], Awaitable[Any]]], Any]:
    """Work in a transaction of its own, beside the server."""

    def run(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async def inside() -> T:
            engine = make_engine(served.database_url, pool_size=1)
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                made = await work(session)
            await engine.dispose()
            return made

        return apart(lambda: asyncio.run(inside()))

    return run


def user(name: str, **more: Any) -> dict[str, Any]:
    said = {"schemas": [USER, COMPANY], "userName": name, "displayName": name.split("@", maxsplit=1)[0].title(), **more}
    return said | {"emails": [{"value": name, "type": "work", "primary": True}]}


def address(name: str) -> str:
    return f"{name}.{next(_numbers)}@example.com"


def made(scim: httpx.Client, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    answer = scim.post(f"/{kind}", json=said)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def patched(scim: httpx.Client, place: str, *operations: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = scim.patch(place, json={"schemas": [PATCH], "Operations": list(operations)})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


VERSIONS = text(
    """
    select e.source, e.started_on, e.ended_on, v.valid_from, v.valid_to, v.superseded_at is null as is_live,
        v.job_title, u.name as unit, v.manager_id, v.country
    from employment e join employment_version v on v.employment_id = e.id join org_unit u on u.id = v.org_unit_id
    where e.person_id = :person order by e.started_on, v.recorded_at, v.valid_from
    """
)


def test_a_person_told_by_the_directory_is_employed_moved_and_seen_by_the_manager(
    scim: httpx.Client, database: Any
) -> None:
    today = datetime.now(UTC).date()
    boss = made(scim, "Users", user(address("boss")))
    work = {"country": "DE", "type": "work"}
    company = {"employeeNumber": f"S{next(_numbers)}", "department": "Press shop", "manager": {"value": boss["id"]}}
    ada = made(scim, "Users", user(address("ada"), title="Analyst", addresses=[work], **{COMPANY: company}))
    assert ada["active"] is True
    assert ada[COMPANY]["manager"]["$ref"].endswith(f"/scim/v2/Users/{boss['id']}")
    (row,) = database(lambda s: _rows(s, VERSIONS, person=ada["id"]))
    assert (row.source, row.started_on, row.job_title, row.unit, row.country) == (
        "scim", today, "Analyst", "Press shop", "DE"
    )  # fmt: skip
    assert str(row.manager_id) == boss["id"]
    team = text("select person_id::text from people_below(:person, (now() at time zone 'UTC')::date)")
    assert [one.person_id for one in database(lambda s: _rows(s, team, person=boss["id"]))] == [ada["id"]]

    yesterday = text("update employment_version set valid_from = valid_from - 9 where employment_id in"
                     " (select id from employment where person_id = :person)")  # fmt: skip
    database(lambda s: s.execute(yesterday, {"person": ada["id"]}))
    patched(scim, f"/Users/{ada['id']}", {"op": "Replace", "path": f"{COMPANY}:department", "value": "Paint"})
    live = [one for one in database(lambda s: _rows(s, VERSIONS, person=ada["id"])) if one.is_live]
    assert [(one.unit, one.valid_from, one.valid_to) for one in live] == [
        ("Press shop", today - timedelta(9), today),
        ("Paint", today, None),
    ]
    circle = {"op": "add", "path": f"{COMPANY}:manager", "value": {"value": ada["id"]}}
    assert "reports to this person" in patched(scim, f"/Users/{boss['id']}", circle, status=409)["detail"]
    patched(scim, f"/Users/{ada['id']}", {"op": "remove", "path": f"{COMPANY}:manager"})
    assert database(lambda s: _rows(s, team, person=boss["id"])) == []
    patched(scim, f"/Users/{ada['id']}", {"op": "Add", "path": f"{COMPANY}:manager", "value": boss["id"]})
    assert [one.person_id for one in database(lambda s: _rows(s, team, person=boss["id"]))] == [ada["id"]]
    patched(scim, f"/Users/{ada['id']}", {"op": "replace", "path": f"{COMPANY}:manager.value", "value": ""})
    assert database(lambda s: _rows(s, team, person=boss["id"])) == []


async def _rows(session: AsyncSession, statement: Any, **parameters: Any) -> list[Any]:
    return list((await session.execute(statement, parameters)).all())


def test_deactivation_ends_access_at_once_and_coming_back_is_no_rehire(
    scim: httpx.Client, served: Settings, database: Any
) -> None:
    ada = made(scim, "Users", user(address("ada")))
    account = database(lambda s: s.scalar(text("select id from account where person_id = :p"), {"p": ada["id"]}))
    hers = {"Authorization": f"Bearer {operator_token(served, account, ['employee'])}"}

    def me() -> int:
        return httpx.get(f"{served.api_url}/me", headers=hers).status_code

    assert me() == 200
    entra = {"op": "Replace", "path": "active", "value": "False"}
    assert patched(scim, f"/Users/{ada['id']}", entra)["active"] is False
    assert me() == 401
    okta = {"op": "replace", "value": {"active": True}}
    patched(scim, f"/Users/{ada['id']}", {"op": "replace", "path": "active", "value": False}, {**okta})
    assert me() == 200
    patched(scim, f"/Users/{ada['id']}", {"op": "remove", "path": "active"})
    assert me() == 200
    employments = text("select count(*) from employment where person_id = :p and ended_on is null")
    assert database(lambda s: s.scalar(employments, {"p": ada["id"]})) == 1
    assert scim.delete(f"/Users/{ada['id']}").status_code == 204
    assert (scim.get(f"/Users/{ada['id']}").status_code, me()) == (404, 401)
    told = text("select action from audit_entry where target_id = :p order by seq")
    assert [one.action for one in database(lambda s: _rows(s, told, p=ada["id"]))] == [
        "scim.user_created", "scim.user_deactivated", "scim.user_changed", "scim.user_changed", "scim.user_deleted"
    ]  # fmt: skip


def test_a_file_says_nothing_any_more_of_whom_the_directory_took_over(scim: httpx.Client, database: Any) -> None:
    name, number = address("ada"), f"F{next(_numbers)}"

    def file(day: int, *rows: RosterRow) -> Callable[[AsyncSession], Any]:
        units = [OrgUnitRow("ops", "Operations")]
        roster = Roster("files", datetime(2024, 1, day, tzinfo=UTC).date(), "r.csv", f"hash-{day}", list(rows), units)
        return lambda session: apply_roster(session, roster)

    def line(title: str, *, of: str = number, at: str = name) -> RosterRow:
        return RosterRow(of, "Ada", datetime(2020, 1, 1, tzinfo=UTC).date(), title, "ops", email=at)

    others = [line("Other", of=f"O{n}", at=address("other")) for n in range(9)]
    database(file(1, line("Analyst"), *others))
    ada = made(scim, "Users", user(name, title="Director"))
    duplicate = scim.post("/Users", json=user(name) | {"userName": "another"})
    assert (duplicate.status_code, duplicate.json()["scimType"]) == (409, "uniqueness")
    rows = database(lambda s: _rows(s, VERSIONS, person=ada["id"]))
    assert {one.source for one in rows} == {"files"}
    assert [one.job_title for one in rows if one.is_live] == ["Analyst", "Director"]
    database(file(2, line("Clerk"), *others))
    database(file(3, *others))
    rows = [one for one in database(lambda s: _rows(s, VERSIONS, person=ada["id"])) if one.is_live]
    assert [(one.job_title, one.ended_on) for one in rows] == [("Analyst", None), ("Director", None)]
    patched(scim, f"/Users/{ada['id']}", {"op": "replace", "path": "active", "value": False})
    database(file(4, line("Analyst"), *others))
    is_active = text("select is_active from account where person_id = :p")
    assert database(lambda s: s.scalar(is_active, {"p": ada["id"]})) is False


def test_two_clients_at_once_are_told_apart_by_etags(scim: httpx.Client) -> None:
    ada = scim.post("/Users", json=user(address("ada")))
    place, tag = f"/Users/{ada.json()['id']}", ada.headers["etag"]
    assert scim.get(place, headers={"If-None-Match": tag}).status_code == 304
    first = scim.put(place, json={**ada.json(), "nickName": "A"}, headers={"If-Match": tag})
    assert (first.status_code, first.headers["etag"] != tag) == (200, True)
    second = scim.put(place, json={**ada.json(), "nickName": "B"}, headers={"If-Match": tag})
    assert (second.status_code, second.headers["content-type"]) == (412, "application/scim+json")


def test_a_list_comes_in_pages_that_hold_everybody_once(scim: httpx.Client) -> None:
    mark = f"Page{next(_numbers)}"
    everybody = {made(scim, "Users", user(address("p"), nickName=mark))["id"] for _ in range(7)}
    seen: list[str] = []
    for start in (1, 4, 7):
        asked = {"filter": f'nickName eq "{mark.upper()}"', "startIndex": start, "count": 3}
        page = scim.get("/Users", params=asked).json()
        assert page["totalResults"] == 7
        seen += [one["id"] for one in page["Resources"]]
    assert (len(seen), set(seen)) == (7, everybody)
    assert scim.get("/Users", params={"filter": "nickName eq"}).json()["scimType"] == "invalidFilter"


def test_a_group_has_members_and_says_so_of_each(scim: httpx.Client, database: Any) -> None:
    ada, bo = (made(scim, "Users", user(address(name))) for name in ("ada", "bo"))
    members = [{"value": one["id"]} for one in (ada, bo)]
    group = made(scim, "Groups", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                                  "displayName": "Learning officers", "members": members})  # fmt: skip
    assert [one["display"] for one in scim.get(f"/Users/{ada['id']}").json()["groups"]] == ["Learning officers"]
    asked = {"filter": f'id eq "{group["id"]}" and members eq "{bo["id"]}"', "excludedAttributes": "members"}
    (found,) = scim.get("/Groups", params=asked).json()["Resources"]
    assert "members" not in found
    officer = text("select role from role_grant r join account a on a.id = r.account_id where a.person_id = :p")
    assert [one.role for one in database(lambda s: _rows(s, officer, p=ada["id"]))] == ["officer"]
    patched(scim, f"/Groups/{group['id']}", {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'})
    entra = {"op": "Remove", "path": "members", "value": [{"value": bo["id"]}]}
    assert "members" not in patched(scim, f"/Groups/{group['id']}", entra)
    assert "groups" not in scim.get(f"/Users/{ada['id']}").json()
    assert database(lambda s: _rows(s, officer, p=ada["id"])) == []


def test_nobody_but_the_directory_comes_in(scim: httpx.Client, served: Settings, database: Any) -> None:
    async def officer(session: AsyncSession) -> Person:
        return await make_person(session, "Olga", roles=("officer", "hr_data"))

    olga = database(officer)
    for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401)):
        answer = httpx.get(f"{scim.base_url}Users", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/scim+json")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    roles = ["employee", "manager", "officer", "hr_data"]
    hers = {"Authorization": f"Bearer {operator_token(served, olga.id, roles)}"}
    assert httpx.get(f"{scim.base_url}Users", headers=hers).status_code == 403
    assert scim.get("/Users", headers={"Authorization": "Basic eDp5"}).status_code == 401
