"""Who sees whom: the hierarchy of now, dotted lines, delegations and roles, in what the API answers."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.settings import Settings
from api.identity.models import RoleGrant
from api.identity.oauth_models import OAuthClient, OAuthGrant
from api.identity.rules import OPERATOR, ROLES, SCOPES, Principal
from api.identity.tokens import SigningKeys, issue_token
from api.people.models import Person
from api.people.seats import sees
from api.people.sight import Choice, NobodyToSee, seeing, seen
from tests.factories import make_org_unit, make_person

TODAY = datetime.now(UTC).date()
Company = dict[str, Person]


@pytest.fixture
async def company(committed: AsyncSession) -> Company:
    """Chief > (Plant lead > Worker, Office lead > Clerk > Trainee); Assistant and Officer are below the chief."""
    top = await make_org_unit(committed, "Company")
    plant = await make_org_unit(committed, "Plant", top)
    hall = await make_org_unit(committed, "Hall", plant)
    office = await make_org_unit(committed, "Office", top)
    chief = await make_person(committed, "Chief", org_unit=top)
    plant_lead = await make_person(committed, "Plant lead", manager=chief, org_unit=plant)
    office_lead = await make_person(committed, "Office lead", manager=chief, org_unit=office)
    clerk = await make_person(committed, "Clerk", manager=office_lead, org_unit=office)
    people = {
        "chief": chief,
        "plant lead": plant_lead,
        "worker": await make_person(committed, "Worker", manager=plant_lead, org_unit=hall),
        "office lead": office_lead,
        "clerk": clerk,
        "trainee": await make_person(committed, "Trainee", manager=clerk, org_unit=office),
        "assistant": await make_person(committed, "Assistant", manager=chief, org_unit=office),
        "officer": await make_person(committed, "Officer", manager=chief, org_unit=office, roles=("officer",)),
        "plant officer": await make_person(committed, "Plant officer", manager=chief, org_unit=office),
    }
    committed.add(RoleGrant(account_id=people["plant officer"].id, role="officer", org_unit_id=plant.id))
    await committed.commit()
    return people


@pytest.fixture
def call(api: httpx.AsyncClient, company: Company, committed: AsyncSession, settings: Settings):
    """`call("officer", "POST", "/role-grants", json=…)`, with the roles that the account has now."""

    async def ask(who: str, method: str, path: str, **request: Any) -> httpx.Response:
        client_id = f"tests-{uuid.uuid4()}"
        committed.add(
            OAuthClient(client_id=client_id, name="Tests", grant_types=["authorization_code"], scopes=list(SCOPES))
        )
        await committed.flush()
        grant = OAuthGrant(id=uuid.uuid4(), client_id=client_id, account_id=company[who].id, scope=" ".join(SCOPES))
        committed.add(grant)
        await committed.commit()
        token = issue_token(
            SigningKeys(settings),
            settings,
            account_id=company[who].id,
            client_id=client_id,
            roles=ROLES,
            scopes=SCOPES,
            grant_id=grant.id,
        )
        return await api.request(method, path, headers={"Authorization": f"Bearer {token}"}, **request)

    return ask


@pytest.fixture
def names(api: httpx.AsyncClient, company: Company) -> Callable[..., Any]:
    """`names("officer", whose="mine")` are those whom this person sees now, by the roles that the database has."""
    engine = api._transport.app.state.engine

    async def ask(who: str, **choice: Any) -> set[str]:
        account = company[who].id
        granted = text("select role, org_unit_id from role_grant where account_id = :id")
        async with engine.connect() as connection:
            rows = (await connection.execute(granted, {"id": account})).all()
        grants = frozenset((row.role, row.org_unit_id) for row in rows)
        roles = frozenset({"employee", "manager"} | {role for role, _ in grants})
        principal = Principal(account, account, roles, frozenset(SCOPES), OPERATOR, grants)
        async with seeing(engine, principal) as connection:
            everybody = {person.id: person.display_name for person in company.values()}
            one_by_one = await sees(connection, everybody)
            everything = await connection.execute(text("select person_id from seen()"))
            assert one_by_one == set(everything.scalars()) & everybody.keys(), "both definitions say the same"
            try:
                return {member.display_name for member in await seen(connection, Choice(**choice))}
            except NobodyToSee:
                return set()

    return ask


async def test_a_manager_sees_those_below_and_no_role_is_needed_for_it(names) -> None:
    assert await names("office lead") == {"Clerk", "Trainee"}
    assert await names("office lead", direct_only=True) == {"Clerk"}
    assert await names("worker") == set()


async def test_an_officer_sees_the_company_and_one_of_a_unit_sees_the_unit_and_those_below(names) -> None:
    assert len(await names("officer")) == 9
    assert await names("officer", whose="mine") == set()
    assert await names("plant officer") == {"Plant lead", "Worker"}


async def test_a_dotted_line_shows_the_person_and_nobody_below(names, call, company: Company) -> None:
    line = {"person_id": str(company["clerk"].id), "manager_id": str(company["plant lead"].id)}
    made = await call("officer", "POST", "/dotted-lines", json=line)
    assert made.status_code == 201
    assert await names("plant lead") == {"Worker", "Clerk"}
    again = await call("officer", "POST", "/dotted-lines", json=line)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    assert (await call("officer", "DELETE", f"/dotted-lines/{made.json()['id']}")).status_code == 204
    assert await names("plant lead") == {"Worker"}


async def test_a_dotted_line_of_the_future_shows_nobody_yet(names, call, company: Company) -> None:
    line = {"person_id": str(company["clerk"].id), "manager_id": str(company["plant lead"].id)}
    later = {**line, "valid_from": str(TODAY + timedelta(days=1))}
    assert (await call("officer", "POST", "/dotted-lines", json=later)).status_code == 201
    assert await names("plant lead") == {"Worker"}


async def test_a_narrowed_officer_draws_no_line_outside_of_the_units(call, company: Company) -> None:
    line = {"person_id": str(company["clerk"].id), "manager_id": str(company["plant lead"].id)}
    assert (await call("plant officer", "POST", "/dotted-lines", json=line)).status_code == 404
    assert (await call("office lead", "POST", "/dotted-lines", json=line)).status_code == 403


async def test_nobody_draws_a_line_to_themselves(names, call, company: Company, committed: AsyncSession) -> None:
    committed.add(RoleGrant(account_id=company["assistant"].id, role="hr_data"))
    await committed.commit()
    line = {"person_id": str(company["clerk"].id), "manager_email": company["assistant"].email}
    refused = await call("assistant", "POST", "/dotted-lines", json=line)
    assert (refused.status_code, refused.json()["title"]) == (422, "This line can't be drawn")
    assert await names("assistant") == set()


async def test_a_delegate_sees_whom_the_manager_sees_until_the_end_and_hands_nothing_on(
    names, call, company: Company, committed: AsyncSession
) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    body = {"email": company["assistant"].email, "valid_until": until}
    made = await call("office lead", "POST", "/delegations", json=body)
    assert made.status_code == 201
    assert await names("assistant") == {"Clerk", "Trainee"}
    assert await names("assistant", on_behalf_of=company["office lead"].id) == {"Clerk", "Trainee"}
    me = (await call("assistant", "GET", "/me")).json()
    assert [manager["name"] for manager in me["acts_for"]] == ["Office lead"]
    # The assistant leads nobody, so there is nothing of their own to hand over.
    onwards = {"email": company["worker"].email, "valid_until": until}
    assert (await call("assistant", "POST", "/delegations", json=onwards)).status_code == 422
    await committed.execute(
        text("update delegation set valid_from = now() - interval '2 days', valid_until = now() - interval '1 day'")
    )
    await committed.commit()
    assert await names("assistant") == set()


async def test_a_delegation_ends_by_either_of_the_two_and_by_nobody_else(names, call, company: Company) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    body = {"person_id": str(company["assistant"].id), "valid_until": until}
    made = (await call("office lead", "POST", "/delegations", json=body)).json()["id"]
    assert (await call("plant lead", "DELETE", f"/delegations/{made}")).status_code == 404
    assert await names("assistant") == {"Clerk", "Trainee"}
    assert (await call("assistant", "DELETE", f"/delegations/{made}")).status_code == 204
    assert await names("assistant") == set()
    assert (await call("office lead", "GET", "/delegations")).json()["items"] == []


async def test_a_delegation_of_a_manager_who_left_is_over(
    names, call, company: Company, committed: AsyncSession
) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    body = {"email": company["assistant"].email, "valid_until": until}
    await call("office lead", "POST", "/delegations", json=body)
    leave = "where employment_id = (select id from employment where person_id = :p)"
    for statement in (
        f"update employment_version set valid_to = current_date {leave}",
        "update employment set ended_on = current_date - 1 where person_id = :p",
    ):
        await committed.execute(text(statement), {"p": company["office lead"].id})
    await committed.commit()
    assert await names("assistant") == set()
    assert await names("chief") >= {"Clerk", "Trainee"}


@pytest.mark.parametrize(
    ("until", "email", "status"),
    [(-1, "assistant", 422), (400, "assistant", 422), (5, "office lead", 422), (5, "nobody", 404)],
)
async def test_what_can_not_be_delegated_is_refused(
    call, company: Company, until: int, email: str, status: int
) -> None:
    address = company[email].email if email in company else "nobody@example.com"
    body = {"email": address, "valid_until": (datetime.now(UTC) + timedelta(days=until)).isoformat()}
    assert (await call("office lead", "POST", "/delegations", json=body)).status_code == status


async def test_an_officer_grants_and_withdraws_a_role_and_it_counts_at_once(names, call, company: Company) -> None:
    body = {"email": company["clerk"].email, "role": "officer"}
    assert (await call("officer", "POST", "/role-grants", json=body)).status_code == 204
    assert len(await names("clerk")) == 9
    listed = (await call("officer", "GET", "/role-grants")).json()["items"]
    mine = next(one for one in listed if one["person"]["name"] == "Clerk")
    assert (mine["role"], mine["org_unit"]) == ("officer", None)
    assert (await call("officer", "DELETE", f"/role-grants/{mine['id']}")).status_code == 204
    assert await names("clerk") == {"Trainee"}


@pytest.mark.parametrize(
    ("who", "whom", "role", "unit", "status"),
    [
        ("officer", "officer", "auditor", None, 403),
        ("plant officer", "worker", "officer", None, 403),
        ("plant officer", "worker", "creator", None, 403),
        ("plant officer", "worker", "officer", "Office", 403),
        ("plant officer", "clerk", "officer", "Plant", 404),
        ("plant officer", "worker", "officer", "Hall", 204),
        ("chief", "worker", "creator", None, 403),
        ("officer", "worker", "creator", "Plant", 422),
    ],
)
async def test_who_may_grant_what(
    call, company: Company, committed: AsyncSession, who: str, whom: str, role: str, unit: str | None, status: int
) -> None:
    unit_id = (await make_org_unit(committed, unit)).id if unit else None
    body = {"person_id": str(company[whom].id), "role": role, "org_unit_id": unit_id and str(unit_id)}
    assert (await call(who, "POST", "/role-grants", json=body)).status_code == status


@pytest.mark.parametrize("role", ["manager", "employee", "service", "admin"])
async def test_a_role_that_is_not_given_to_people_can_not_be_granted(call, company: Company, role: str) -> None:
    body = {"person_id": str(company["clerk"].id), "role": role}
    assert (await call("officer", "POST", "/role-grants", json=body)).status_code == 422


async def test_who_did_it_is_in_the_audit_log_with_before_and_after(
    call, company: Company, committed: AsyncSession
) -> None:
    await call("officer", "POST", "/role-grants", json={"person_id": str(company["clerk"].id), "role": "creator"})
    newest = text("select * from audit_entry order by seq desc limit 1")
    entry = (await committed.execute(newest)).mappings().one()
    assert (entry["action"], entry["actor_person_id"]) == ("identity.role_granted", company["officer"].id)
    assert (entry["target_id"], entry["after"]["role"]) == (str(company["clerk"].id), "creator")


async def test_postgres_itself_hides_whom_the_caller_may_not_see(
    api: httpx.AsyncClient, company: Company, committed: AsyncSession
) -> None:
    """The second wall: a query that forgot every condition."""
    for person in company.values():
        await events.record(committed, "learning.x", subject_id=person.id, actor_id=None, payload={})
    await committed.commit()
    principal = Principal(
        company["office lead"].id, company["office lead"].id, frozenset({"manager"}), frozenset(SCOPES), OPERATOR
    )
    everything = {
        "person": "select display_name from person",
        "event": "select p.display_name from event e join person p on p.id = e.subject_id",
        "employment": "select p.display_name from employment e join person p on p.id = e.person_id",
        "employment_version": "select p.display_name from employment_version v"
        " join employment e on e.id = v.employment_id join person p on p.id = e.person_id",
    }
    async with seeing(api._transport.app.state.engine, principal) as connection:
        for table, query in everything.items():
            names = set((await connection.execute(text(query))).scalars())
            assert names == {"Office lead", "Clerk", "Trainee"}, table
        counts = await connection.execute(
            text("select (select count(*) from event), (select count(*) from employment_version)")
        )
        assert tuple(counts.one()) == (3, 3)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from account",
        "select * from audit_entry",
        "select * from sight(null, true, true, '{}', current_date)",
        "update person set display_name = 'x'",
        "insert into person (id, display_name) values (uuidv7(), 'x')",
        "delete from event",
    ],
)
async def test_the_reporting_role_reads_what_reports_need_and_nothing_else(
    api: httpx.AsyncClient, company: Company, statement: str
) -> None:
    principal = Principal(company["chief"].id, company["chief"].id, frozenset({"manager"}), frozenset(SCOPES), OPERATOR)
    async with seeing(api._transport.app.state.engine, principal) as connection:
        with pytest.raises(Exception, match=r"permission denied|read-only transaction"):
            await connection.execute(text(statement))


async def test_a_connection_goes_back_without_the_caller_on_it(api: httpx.AsyncClient, company: Company) -> None:
    engine = api._transport.app.state.engine
    principal = Principal(company["chief"].id, company["chief"].id, frozenset({"manager"}), frozenset(SCOPES), OPERATOR)
    async with seeing(engine, principal) as connection:
        assert await connection.scalar(text("select current_user")) == "praxis_reporting"
    async with engine.connect() as connection:
        row = await connection.execute(text("select current_user, current_setting('praxis.person', true)"))
        assert row.one()[0] != "praxis_reporting"
        assert not (await connection.scalar(text("select current_setting('praxis.person', true)")))


async def test_a_narrowed_officer_reads_the_grants_of_the_units_only(call, company: Company) -> None:
    await call("officer", "POST", "/role-grants", json={"person_id": str(company["worker"].id), "role": "creator"})
    listed = (await call("plant officer", "GET", "/role-grants")).json()["items"]
    assert {one["person"]["name"] for one in listed} == {"Worker"}
