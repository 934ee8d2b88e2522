"""Issued, ended, renewed, taken back: what everybody is told of a certificate, and what its holder may do."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
from sqlalchemy import text

from api.credentials.revocation import record_expired
from api.identity.models import RoleGrant
from tests.api.credentials.conftest import NAME, Holder
from tests.factories import make_org_unit, make_person

YEAR = timedelta(days=365)


async def test_an_ended_certificate_is_renewed_by_taking_the_course_again(holder: Holder, now: datetime) -> None:
    old = await holder.finishes(now - 2 * YEAR)
    told = await holder.told(old)
    assert (told["state"], told["genuine"], told["renewed_by"]) == ("expired", True, None)
    assert told["expires_at"].endswith("T23:59:59Z")
    assert "person_id" not in told

    (listed,) = (await holder.mine("/me/certificates")).json()["items"]
    assert listed["renewable_from"] < now.isoformat()
    body = {"course_id": str(holder.course.id)}
    again = await holder.client.post("/enroll", json=body, headers=holder.headers)
    second = await holder.client.post("/enroll", json=body, headers=holder.headers)
    assert (again.status_code, second.status_code, again.json() == second.json()) == (201, 200, True)
    new = await holder.finishes(now)

    told = await holder.told(old)
    assert (told["state"], told["renewed_by"]) == ("renewed", new)
    assert (await holder.told(new))["state"] == "valid"
    third = await holder.client.post("/enroll", json=body, headers=holder.headers)
    assert (third.status_code, third.json()["completed_at"] is not None) == (200, True)
    for code in (old, new):
        pdf = await holder.mine("/certificate", code=code)
        assert pdf.headers["content-disposition"].endswith(f'certificate-{code}.pdf"')


async def test_it_can_be_renewed_from_sixty_days_before_its_end_and_not_sooner(holder: Holder, now: datetime) -> None:
    body = {"course_id": str(holder.course.id)}
    await holder.finishes(now - YEAR + timedelta(days=70))
    assert (await holder.client.post("/enroll", json=body, headers=holder.headers)).status_code == 200
    await holder.session.execute(
        text("update certificate set expires_at = expires_at - interval '11 days' where person_id = :p"),
        {"p": holder.person_id},
    )
    await holder.session.commit()
    assert (await holder.client.post("/enroll", json=body, headers=holder.headers)).status_code == 201


async def test_an_officer_takes_it_back_once_with_a_reason_that_everybody_reads(holder: Holder, now: datetime) -> None:
    code = await holder.finishes(now)
    first = await holder.revoked(code)
    again = await holder.revoked(code.lower(), "Another reason.")
    assert first.json() == again.json() == await holder.told(code)
    told = first.json()
    assert (told["state"], told["genuine"]) == ("revoked", False)
    assert told["revoked_reason"] == "The exam was sat by somebody else."

    refused = await holder.mine("/certificate", course_id=str(holder.course.id))
    assert refused.status_code == 409
    assert "sat by somebody else" in refused.json()["detail"]
    (listed,) = (await holder.mine("/me/certificates")).json()["items"]
    assert (listed["state"], listed["pdf_url"]) == ("revoked", None)

    (fact,) = await holder.facts("learning.certificate_revoked")
    assert fact["code"] == code
    assert "reason" not in fact
    entry = text("select action, note from audit_entry where after ->> 'code' = :code")
    assert (await holder.session.execute(entry, {"code": code})).all() == [
        ("learning.certificate_revoked", "The exam was sat by somebody else.")
    ]
    body = {"course_id": str(holder.course.id)}
    assert (await holder.client.post("/enroll", json=body, headers=holder.headers)).status_code == 201


async def test_only_an_officer_who_reaches_the_person_may_take_it_back(
    holder: Holder, now: datetime, token_for: Callable[..., dict[str, str]]
) -> None:
    code = await holder.finishes(now)
    elsewhere = await make_org_unit(holder.session, "Elsewhere")
    scoped = await make_person(holder.session, "Otto Elsewhere")
    holder.session.add(RoleGrant(account_id=scoped.id, role="officer", org_unit_id=elsewhere.id))
    await holder.session.commit()
    author = token_for(holder.course.owner_id, "employee", "creator")
    for headers, status in ((holder.headers, 403), (author, 403), (token_for(scoped.id, "officer"), 404)):
        holder.officer = headers
        assert (await holder.revoked(code)).status_code == status
    assert (await holder.told(code))["state"] == "valid"


async def test_that_its_time_is_over_is_a_fact_once(holder: Holder, now: datetime) -> None:
    old = await holder.finishes(now - 2 * YEAR)
    new = await holder.finishes(now - YEAR - timedelta(days=20))
    assert await record_expired(holder.session, now) >= 2
    assert await record_expired(holder.session, now) == 0
    facts = {fact["code"]: fact["is_renewed"] for fact in await holder.facts("learning.certificate_expired")}
    assert facts == {old: True, new: False}


async def test_nobody_gets_somebody_elses_certificate(
    holder: Holder, now: datetime, token_for: Callable[..., dict[str, str]]
) -> None:
    code = await holder.finishes(now)
    other = await make_person(holder.session, "Eve Other")
    await holder.session.commit()
    asked: httpx.Response = await holder.client.get("/certificate", params={"code": code}, headers=token_for(other.id))
    assert (asked.status_code, NAME in asked.text) == (404, False)
    neither = await holder.mine("/certificate")
    assert (neither.status_code, "course_id" in neither.json()["detail"]) == (422, True)
