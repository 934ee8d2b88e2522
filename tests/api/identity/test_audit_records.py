"""What is in the audit log after people did things, and what never is."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.service import require_course
from api.core.origin import at_terminal
from api.core.settings import Settings
from api.identity.access import WEB
from api.identity.audit import LONGEST_TEXT, AuditEntry, record
from api.identity.audit_chain import verify
from api.identity.models import Account
from api.identity.oauth_clients import disable_client
from api.identity.service import ensure_accounts
from api.people.models import Person
from api.people.service import Roster, apply_roster, approve_import, reject_import, reject_roster
from tests.api.identity.conftest import PASSWORD, App, query_of, sign_in
from tests.api.identity.test_grant_attacks import redeem
from tests.api.identity.test_oauth import bearer
from tests.api.people.test_roster import DAY, roster, row
from tests.factories import make_course, make_org_unit, make_person

Entries = list[AuditEntry]
NEW_PASSWORD = "another horse battery staple"


@pytest.fixture
async def since(committed: AsyncSession) -> int:
    """The newest entry before the test."""
    return await committed.scalar(text("select coalesce(max(seq), 0) from audit_entry")) or 0


async def newer(session: AsyncSession, since: int) -> Entries:
    await session.commit()
    return list(await session.scalars(select(AuditEntry).where(AuditEntry.seq > since).order_by(AuditEntry.seq)))


async def test_a_sign_in_says_who_from_where_and_by_what(
    browser: httpx.AsyncClient, ada: Person, committed: AsyncSession, since: int
) -> None:
    answer = await browser.post(
        "/sign-in",
        data={"email": ada.email, "password": PASSWORD},
        headers={"User-Agent": "Firefox\x01 1", "X-Request-ID": "from-the-proxy-1"},
    )
    (entry,) = await newer(committed, since)
    assert (entry.action, entry.actor_account_id, entry.actor_person_id, entry.client_id) == (
        *("identity.signed_in", ada.id, ada.id),
        WEB,
    )
    assert (entry.target_type, entry.target_id) == ("account", str(ada.id))
    assert (entry.ip, entry.user_agent, entry.request_id) == ("127.0.0.1", "Firefox 1", "from-the-proxy-1")
    assert answer.headers["X-Request-ID"] == entry.request_id
    assert entry.after
    assert entry.after["method"] == "password"


async def test_a_failed_sign_in_is_recorded_though_the_answer_is_an_error(
    browser: httpx.AsyncClient, ada: Person, committed: AsyncSession, since: int
) -> None:
    assert (await sign_in(browser, ada, "hunter two typed")).status_code == 401
    unknown = {"email": "a.typed.secret@example.com", "password": "hunter three typed"}
    assert (await browser.post("/sign-in", data=unknown)).status_code == 401
    account = await committed.get(Account, ada.id)
    assert account
    account.is_active = False
    await committed.commit()
    assert (await sign_in(browser, ada)).status_code == 401
    known, nobody, closed = await newer(committed, since)
    assert {entry.action for entry in (known, nobody, closed)} == {"identity.sign_in_failed"}
    assert [entry.actor_account_id for entry in (known, nobody, closed)] == [None] * 3
    assert (known.target_id, nobody.target_id, closed.target_id) == (str(ada.id), None, str(ada.id))
    assert (known.after, closed.after) == ({"reason": "wrong password"}, {"reason": "the account is closed"})
    typed = " ".join(repr(vars(entry)) for entry in (known, nobody, closed))
    for never in ("hunter", "typed.secret", str(ada.email), PASSWORD):
        assert never not in typed


async def test_signing_out_and_signing_in_anew_end_the_session_of_before(
    browser: httpx.AsyncClient, ada: Person, committed: AsyncSession, since: int
) -> None:
    await sign_in(browser, ada)
    await sign_in(browser, ada)
    await browser.post("/sign-out")
    await browser.post("/sign-out")
    entries = await newer(committed, since)
    assert [entry.action.removeprefix("identity.") for entry in entries] == [
        *("signed_in", "signed_in", "signed_out", "signed_out"),
    ]
    opened = [entry.after["session_id"] for entry in entries[:2] if entry.after]
    assert [entry.after["session_id"] for entry in entries[2:] if entry.after] == opened


async def test_ending_sessions_and_changing_the_password_are_recorded_once(
    api: httpx.AsyncClient, browser: httpx.AsyncClient, ada: Person, committed: AsyncSession, since: int
) -> None:
    async with httpx.AsyncClient(transport=api._transport, base_url="http://praxis", headers=browser.headers) as other:
        await sign_in(other, ada)
        await sign_in(browser, ada)
        await browser.post("/account/sessions/end")
        await browser.post("/account/sessions/end")
        wrong = {"current": "wrong", "new": NEW_PASSWORD, "again": NEW_PASSWORD}
        assert (await browser.post("/account/password", data=wrong)).status_code == 422
        changed = await browser.post("/account/password", data={**wrong, "current": PASSWORD})
        assert changed.headers["location"] == "/account?done=password"
    entries = (await newer(committed, since))[2:]
    assert [entry.action for entry in entries] == ["identity.session_ended", "identity.password_changed"]
    assert [len(entry.after["sessions_ended"]) for entry in entries if entry.after] == [1, 0]
    assert all(entry.actor_account_id == ada.id and entry.target_id == str(ada.id) for entry in entries)
    assert NEW_PASSWORD not in repr([vars(entry) for entry in entries])


async def test_a_replayed_code_and_a_reused_refresh_token_are_recorded_with_the_refusal(
    app: App, ada: Person, committed: AsyncSession
) -> None:
    code = await app.code()
    first = (await redeem(app, code)).json()
    since = (await newer(committed, 0))[-1].seq
    assert (await redeem(app, code)).json()["error"] == "invalid_grant"
    assert (await redeem(app, code)).json()["error"] == "invalid_grant"
    tokens = await app.tokens()
    for expected in (200, 400, 400):
        answer = await app.post("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert answer.status_code == expected
    replayed, consent, reused = await newer(committed, since)
    assert [entry.action for entry in (replayed, consent, reused)] == [
        "identity.grant_ended",
        "identity.client_authorized",
        "identity.grant_ended",
    ]
    assert [entry.after["reason"] for entry in (replayed, reused) if entry.after] == [
        "code replayed",
        "refresh token reused",
    ]
    for entry in (replayed, reused):
        assert (entry.target_id, entry.client_id, entry.actor_account_id) == (str(ada.id), app.client_id, None)
    told = json.dumps([entry.after for entry in (replayed, reused)])
    assert first["access_token"] not in told
    assert code not in told


async def test_consent_and_revocation_are_recorded_and_a_no_is_not(
    app: App, ada: Person, committed: AsyncSession
) -> None:
    since = (await newer(committed, 0))[-1].seq
    asked = await app.authorize()
    query = asked.text.split('name="request_query" value="')[1].split('"')[0].replace("&amp;", "&")
    denied = await app.browser.post("/oauth/authorize", data={"request_query": query, "decision": "deny"})
    assert query_of(denied)["error"] == "access_denied"
    tokens = await app.tokens(scope="openid learning")
    for _ in range(2):
        await app.post("/oauth/revoke", token=tokens["refresh_token"])
    consent, revoked = await newer(committed, since)
    assert (consent.action, consent.actor_account_id, consent.target_id) == (
        *("identity.client_authorized", ada.id),
        app.client_id,
    )
    assert consent.after == {"client_id": app.client_id, "scopes": ["openid", "learning"]}
    assert (revoked.action, revoked.target_id, revoked.client_id) == (
        *("identity.token_revoked", str(ada.id)),
        app.client_id,
    )


async def test_clients_are_recorded_when_they_come_and_go(
    since: int, app: App, service: App, committed: AsyncSession
) -> None:
    for _ in range(2):
        await disable_client(committed, app.client_id)
    entries = [entry for entry in await newer(committed, since) if entry.action.startswith("identity.client")]
    assert [(entry.action, entry.target_id) for entry in entries] == [
        ("identity.client_added", app.client_id),
        ("identity.client_added", service.client_id),
        ("identity.client_disabled", app.client_id),
    ]
    assert entries[1].after
    assert entries[1].after["scopes"] == ["reports"]
    assert service.secret not in repr([entry.after for entry in entries])


async def test_creating_and_publishing_a_course_names_the_creator_once(
    api: httpx.AsyncClient, app: App, ada: Person, committed: AsyncSession
) -> None:
    since = (await newer(committed, 0))[-1].seq
    headers = bearer((await app.tokens(scope="courses"))["access_token"])
    draft = {
        "id": str(uuid.uuid4()),
        "title": "Safe ladders",
        "summary": "How to climb",
        "category": "Safety",
        "difficulty": "beginner",
        "modules": [{"kind": "text", "title": "Read", "duration_s": 60, "body": "Hold on."}],
    }
    for _ in range(2):
        made = await api.post("/create-course", json=draft, headers=headers)
        assert made.status_code == 201, made.text
        assert (await api.post("/publish-course", json={"course_id": draft["id"]}, headers=headers)).status_code == 200
    entries = (await newer(committed, since))[1:]
    assert [entry.action for entry in entries] == ["courses.course_created", "courses.course_published"]
    for entry in entries:
        assert (entry.actor_account_id, entry.client_id, entry.target_id) == (ada.id, app.client_id, draft["id"])
        assert entry.after
        assert entry.after["title"] == "Safe ladders"


async def test_a_requirement_is_recorded_once(committed: AsyncSession, ada: Person, since: int) -> None:
    course = await make_course(committed, ada)
    unit = await make_org_unit(committed)
    for _ in range(2):
        await require_course(
            committed, course_id=course.id, due_within_days=30, valid_from=date(2026, 1, 1), org_unit_id=unit.id
        )
    (entry,) = await newer(committed, since)
    assert (entry.action, entry.target_id) == ("compliance.requirement_added", str(course.id))
    assert entry.after
    assert (entry.after["due_within_days"], entry.after["audience"]) == (30, {"units": [str(unit.id)]})


async def test_an_import_is_one_entry_with_its_counts_file_and_who_decided(committed: AsyncSession, since: int) -> None:
    def everybody(count: int, days: int) -> Roster:
        rows = [row(str(number)) for number in range(1, count + 1)]
        return roster(*rows, on=DAY + timedelta(days), content_hash=f"{days:064}")

    await apply_roster(committed, everybody(100, 0))
    held = everybody(60, 1)
    for _ in range(2):
        outcome = await apply_roster(committed, held)
    with at_terminal("praxis hr approve", "praxis-operator"):
        await approve_import(committed, outcome.import_id)
        await apply_roster(committed, held, decided=True)
    other = await apply_roster(committed, everybody(10, 2))
    with at_terminal("praxis hr reject", "praxis-operator"):
        await reject_import(committed, other.import_id)
    for _ in range(2):
        await reject_roster(
            committed, source="x", file_name="x.csv", content_hash="b" * 64, as_of=DAY, reason="line 3: Ada Ito"
        )
    entries = await newer(committed, since)
    assert [entry.action.removeprefix("people.roster_") for entry in entries] == [
        *("applied", "held", "approved", "applied", "held", "rejected", "rejected"),
    ]
    applied, _, _, approved, _, rejected, _ = (entry.after or {} for entry in entries)
    assert applied["counts"]["accounts_opened"] == 100
    assert (approved["counts"]["left"], approved["counts"]["accounts_closed"]) == (40, 40)
    assert approved["file_sha256"] == held.content_hash
    assert entries[2].target_id == str(outcome.import_id)
    assert [entry.client_id for entry in entries] == [
        *(None, None, "praxis-operator", "praxis-operator", None, "praxis-operator", None),
    ]
    assert (entries[5].user_agent or "").startswith("praxis hr reject by ")
    assert "Ada Ito" not in repr([vars(entry) for entry in entries])
    assert rejected["counts"]["joined"] == 0


async def test_accounts_are_counted_as_they_open_and_close(committed: AsyncSession) -> None:
    one, two = await make_person(committed, "One"), await make_person(committed, "Two")
    given = [(one.id, str(one.email), False), (two.id, str(two.email), True)]
    assert await ensure_accounts(committed, given) == {"accounts_opened": 0, "accounts_closed": 1}
    assert await ensure_accounts(committed, given) == {"accounts_opened": 0, "accounts_closed": 0}
    given = [(one.id, str(one.email), True), (two.id, "other@example.com", True)]
    assert await ensure_accounts(committed, given) == {"accounts_opened": 1, "accounts_closed": 0}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"password": "x", "a": {"Client_Secret": 1, "b": [{"refreshToken": 2, "c": 3}]}}, {"a": {"b": [{"c": 3}]}}),
        ({"a": "nul \0 and half \ud83d"}, {"a": "nul \ufffd and half ?"}),
        ({"a": "x" * 9999}, {"a": "x" * LONGEST_TEXT}),
        ({"day": date(2026, 1, 2), "set": {"b", "a"}}, {"day": "2026-01-02", "set": ["a", "b"]}),
    ],
)
async def test_secrets_are_left_out_and_any_text_can_be_stored(
    committed: AsyncSession, since: int, given: dict[str, Any], kept: dict[str, Any]
) -> None:
    await record(committed, action="a.b", target_type="x", target_id="nul \0", before=given, after=given, note="\ud83d")
    (entry,) = await newer(committed, since)
    assert (entry.before, entry.after, entry.target_id, entry.note) == (kept, kept, "nul \ufffd", "?")


@pytest.mark.parametrize("action", ["signed_in", "Identity.signed_in", "identity.signed.in", "identity.signed-in", ""])
async def test_an_action_is_a_domain_and_a_past_tense(session: AsyncSession, action: str) -> None:
    with pytest.raises(ValueError, match="is no action"):
        await record(session, action=action, target_type="x", target_id=None)


async def test_what_is_undone_is_not_recorded(committed: AsyncSession, since: int) -> None:
    await record(committed, action="a.b", target_type="x", target_id=None)
    await committed.rollback()
    assert await newer(committed, since) == []


async def test_after_all_this_the_log_is_proven(settings: Settings) -> None:
    verdict = await verify(settings)
    assert verdict.broken == []
    assert verdict.entries > 30
