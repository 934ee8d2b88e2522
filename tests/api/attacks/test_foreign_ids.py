"""Somebody else's id in every place that takes one (IDOR), as every role; and fields that nobody asked for.

Of people and reports, who sees whom is proven elsewhere: here are learners' and creators' own things.
"""

import asyncio
import itertools
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.attacks.company import SERVICE, Company
from tests.api.attacks.places import Asked, at, listed, pages, put, ways, with_ids
from tests.loops import apart

OWN_TAGS = {"learning", "courses", "media", "notifications"}
OWN_PATHS = ("/reports/{", "/report-schedules")
"""Of reports what is its owner's alone; whoever sees a person is told of them by the others."""

ROWS_OF = {
    "course": "owner_id = $1",
    "course_version": "course_id in (select id from course where owner_id = $1)",
    "module": "version_id in (select v.id from course_version v join course c on c.id = course_id where owner_id = $1)",
    "enrollment": "person_id = $1",
    "enrollment_request": "person_id = $1",
    "path": "owner_id = $1",
    "path_enrollment": "person_id = $1",
    "module_progress": "enrollment_id in (select id from enrollment where person_id = $1)",
    "package_state": "enrollment_id in (select id from enrollment where person_id = $1)",
    "live_attendance": "enrollment_id in (select id from enrollment where person_id = $1) or marked_by = $1",
    "certificate": "person_id = $1",
    "note": "person_id = $1",
    "bookmark": "person_id = $1",
    "comment": "person_id = $1",
    "notification": "person_id = $1",
    "play_session": "person_id = $1",
    "quiz_answer": "sitting_id in (select s.id from quiz_sitting s join enrollment e on e.id = enrollment_id"
    " where e.person_id = $1)",
    "event": "subject_id = $1",
    "report_run": "account_id = $1",
    "report_schedule": "account_id = $1",
    "media_asset": "owner_id = $1",
}
NOBODYS = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
"""Where the stranger has none of the kind."""

NEVER_OVER_HTTP = ("account", "role_grant", "oauth_client", "person")


def rows(company: Company, statements: dict[str, str], *arguments: Any) -> dict[str, list[str]]:
    """By table what these statements find, whole rows as text."""

    async def read() -> dict[str, list[str]]:
        connection = await asyncpg.connect(company.settings.database_url)
        try:
            found = {}
            for table, where in statements.items():
                query = f"select t::text as row from {table} t where {where} order by 1"
                found[table] = [row["row"] for row in await connection.fetch(query, *arguments)]
            return found
        finally:
            await connection.close()

    return apart(lambda: asyncio.run(read()))


def of_stranger(company: Company) -> dict[str, list[str]]:
    return rows(company, ROWS_OF, company.accounts["stranger"])


def own() -> list[Asked]:
    return [a for a in listed() if a.ids and (a.tags & OWN_TAGS or a.path.startswith(OWN_PATHS))]


def test_there_are_ids_to_try() -> None:
    assert {"/enroll", "/progress", "/engagement", "/course-content", "/publish-course"} <= {a.path for a in own()}


@pytest.mark.parametrize("asked", own(), ids=lambda asked: f"{asked.method} {asked.path}")
def test_somebody_elses_id_gives_nothing_of_theirs_and_changes_nothing_of_theirs(
    company: Company, clients: dict[str, httpx.Client], asked: Asked
) -> None:
    """Their finished course is published, so anybody may enrol in it, and get an enrollment of their own."""
    company.sign_in(clients["browser"])
    before = of_stranger(company)
    for role, ids in itertools.product(clients, (company.draft, company.finished)):
        query = {name: ids.get(name, NOBODYS) for name in asked.ids if ("query", name) in asked.places}
        path = asked.path.format_map(defaultdict(lambda: NOBODYS, ids))
        answer = clients[role].request(asked.method, path, params=query, json=with_ids(asked.body, ids))
        assert answer.status_code < 500
        if answer.is_success:
            leaked = [secret for secret in company.secrets if secret in answer.text]
            assert not leaked, (role, answer.text)
    assert of_stranger(company) == before


def pages_of_something() -> list[Asked]:
    return [page for page in pages() if any(where == "path" for where, _ in page.places)]


@pytest.mark.parametrize("asked", pages_of_something(), ids=lambda asked: f"{asked.method} {asked.path}")
def test_a_page_of_somebody_elses_shows_nothing_of_theirs_and_changes_nothing_of_theirs(
    company: Company, clients: dict[str, httpx.Client], asked: Asked
) -> None:
    company.sign_in(clients["browser"])
    before = of_stranger(company)
    for ids in (company.draft, company.finished):
        form = {name: ids.get(name, NOBODYS) for where, name in asked.places if where == "form"}
        path = asked.path.replace(":path}", "}").format_map(defaultdict(lambda: NOBODYS, ids))
        answer = clients["browser"].request(asked.method, path, data=form or None)
        assert answer.status_code < 500
        told = [secret for secret in company.secrets if secret not in path and secret in answer.text]
        assert not told, answer.text
    assert of_stranger(company) == before


PLANTED = {
    "owner_id": None,
    "person_id": None,
    "account_id": None,
    "actor_id": None,
    "roles": ["officer"],
    "role": "officer",
    "is_active": False,
    "is_first_party": True,
    "is_correct": True,
    "completed_at": "2001-01-01T00:00:00Z",
    "enrolled_at": "2001-01-01T00:00:00Z",
    "published_at": "2001-01-01T00:00:00Z",
    "created_at": "2001-01-01T00:00:00Z",
    "withdrawn_at": "2001-01-01T00:00:00Z",
    "slug": "planted-slug",
    "code": "planted-code",
    "score_percent": 99,
    "number": 47114711,
    "version_id": None,
    "enrollment_id": None,
    "current_version_id": None,
}
"""Names of columns that no body may set; None stands for an id of the stranger's."""


def planted(company: Company, body: dict[str, Any]) -> dict[str, Any]:
    """The body with all of them beside its own fields, in each of its objects."""
    ids = company.finished
    extra = {name: ids.get(name, ids["person_id"]) if value is None else value for name, value in PLANTED.items()}
    for way in [way for way in ways(body) if isinstance(at(body, way), dict)]:
        body = put(body, way, extra | at(body, way))
    return extra | body


def bodies() -> list[Asked]:
    return [asked for asked in listed() if isinstance(asked.body, dict) and asked.tags & OWN_TAGS]


def real(company: Company, asked: Asked) -> dict[str, Any]:
    """The example with ids of the creator's own, so that it is done and not only refused."""
    now = {"occurred_at": datetime.now(UTC).isoformat()}
    return {name: value for name, value in with_ids(asked.body, company.own | now).items() if name != "id"}


@pytest.mark.parametrize("asked", bodies(), ids=lambda asked: f"{asked.method} {asked.path}")
def test_fields_that_nobody_asked_for_set_nothing(
    company: Company, clients: dict[str, httpx.Client], asked: Asked
) -> None:
    watched = dict.fromkeys(NEVER_OVER_HTTP, "true")
    before, theirs = rows(company, watched), of_stranger(company)
    client = clients["creator"]
    if asked.path != "/enroll":
        client.post("/enroll", json={"course_id": company.own["course_id"]})
    bare = client.request(asked.method, asked.path, json=real(company, asked))
    answer = client.request(asked.method, asked.path, json=planted(company, real(company, asked)))
    assert answer.is_success == bare.is_success or answer.status_code in (404, 422), (bare.text, answer.text)
    assert "2001-01-01" not in answer.text or answer.status_code == 422
    assert rows(company, watched) == before
    assert of_stranger(company) == theirs
    markers = "t::text like '%2001-01-01%' or t::text like '%planted-%' or t::text like '%47114711%'"
    tables = dict.fromkeys((*ROWS_OF, *NEVER_OVER_HTTP), markers)
    assert not any(rows(company, tables).values())


def test_a_token_has_no_more_roles_for_asking(company: Company) -> None:
    extra = {"roles": "officer", "account_id": company.accounts["officer"], "is_first_party": "true", "sub": "x"}
    form = {"grant_type": "client_credentials", "scope": "reports audit people"} | {k: str(v) for k, v in extra.items()}
    answer = httpx.post(f"{company.url}/oauth/token", data=form, auth=(SERVICE, company.secret)).json()
    told = httpx.post(
        f"{company.url}/oauth/introspect", data={"token": answer["access_token"]}, auth=(SERVICE, company.secret)
    ).json()
    assert (told["roles"], told["scope"], told["client_id"]) == (["service"], "reports", SERVICE)
    assert told["sub"] not in map(str, company.accounts.values())
