"""What I earned, and how anybody checks it, in Chromium: by keyboard, on a phone, without an account."""

import asyncio
import os
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.studio_pages import PHONE, WIDE, Heard, Studio, enter, faults_at_both_widths, told
from tests.loops import apart

TEXT: dict[str, Any] = {"kind": "text", "title": "Before you climb", "body": "Check the *ladder*."}


def earn(studio: Studio, title: str) -> str:
    """The author takes a course of her own; the code of her certificate."""
    draft = studio.course(TEXT, title=title, publish=True)
    ids = {"course_id": draft["course_id"]}
    with studio.client(studio.author, "employee") as api:
        told(api.post("/enroll", json=ids))
        (module,) = told(api.get("/course-content", params=ids))["modules"]
        done = told(api.post("/progress", json={**ids, "module_id": module["id"], "percent": 100}))
    return str(done["certificate_code"])


def change(studio: Studio, statement: str, *values: Any) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(studio.settings.database_url)
        await connection.execute(statement, *values)
        await connection.close()

    apart(lambda: asyncio.run(run()))


def revoke(studio: Studio, code: str) -> None:
    with studio.client(studio.author, "officer") as api:
        told(api.post("/revoke-certificate", json={"code": code, "reason": "Somebody else sat the exam."}))


def look(page: Page, name: str) -> None:
    """Pictures for whoever wants to see: PRAXIS_LOOK names a folder."""
    if folder := os.environ.get("PRAXIS_LOOK"):
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.screenshot(path=Path(folder) / f"{name}_{size['width']}.png", full_page=True)


@pytest.fixture(scope="module")
def codes(studio: Studio) -> dict[str, str]:
    """One certificate of each state."""
    made = {state: earn(studio, f"{state.title()} and sound") for state in ("valid", "expired", "revoked")}
    change(
        studio,
        "update certificate set issued_at = now() - interval '2 years', expires_at = now() - interval '1 year'"
        " where code = $1",
        made["expired"],
    )
    revoke(studio, made["revoked"])
    return made


def test_who_has_none_is_told_how_to_get_one(page: Page, studio: Studio) -> None:
    others = "update certificate set person_id = (select id from person where email = $1)"
    change(studio, others, studio.learners[1])  # what other tests earned here is somebody else's
    enter(page, studio, "/my/certificates")
    expect(page.get_by_role("heading", name="No certificate yet")).to_be_visible()
    assert faults_at_both_widths(page) == []
    look(page, "mine_empty")


def test_each_state_is_listed_with_what_can_be_done(page: Page, studio: Studio, codes: dict[str, str]) -> None:
    heard = Heard()
    page.on("console", heard)
    enter(page, studio, "/my/certificates")
    for state, code in codes.items():
        held = page.locator(f"[data-code='{code}']")
        expect(held.locator(".tag")).to_have_text(state.title())
        expect(held.get_by_role("link", name="Download as PDF")).to_have_count(0 if state == "revoked" else 1)
        expect(held.get_by_role("button", name="Renew")).to_have_count(1 if state == "expired" else 0)
    assert faults_at_both_widths(page) == []
    look(page, "mine")
    with page.expect_download() as waiting:
        page.locator(f"[data-code='{codes['valid']}']").get_by_role("link", name="Download as PDF").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")
    with page.expect_download() as waiting:
        page.locator(f"[data-code='{codes['valid']}']").get_by_role("link", name="Open Badge").click()
    assert waiting.value.suggested_filename == f"{codes['valid']}.json"
    assert heard.said == []
    page.locator(f"[data-code='{codes['expired']}']").get_by_role("button", name="Renew").press("Enter")
    page.wait_for_url("**/learn/*")
    with studio.client(studio.author, "employee") as api:
        begun = {one["course_id"]: one["completed_at"] for one in told(api.get("/progress"))["items"]}
    assert begun[page.url.rsplit("/", 1)[1]] is None


def test_anybody_checks_a_certificate_on_a_phone_without_an_account(
    chromium: Browser, studio: Studio, codes: dict[str, str]
) -> None:
    says = {
        "valid": "This certificate is genuine and valid",
        "expired": "This certificate is genuine, but has expired",
        "revoked": "This certificate was revoked",
    }
    context = chromium.new_context(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]
    page, heard = context.new_page(), Heard()
    page.on("console", heard)
    page.goto(f"{studio.url}/verify")
    assert faults_at_both_widths(page) == []
    page.get_by_label("Verification code").focus()
    page.keyboard.type(codes["valid"].replace("-", " ").lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/verify/{codes['valid']}")
    for state, heading in says.items():
        answer = page.goto(f"{studio.url}/verify/{codes[state]}")
        assert (answer.status, answer.headers["x-robots-tag"]) == (200, "noindex")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.locator("dd").first).to_have_text("Ada Author")
        assert faults_at_both_widths(page) == []
        look(page, f"verify_{state}")
    expect(page.get_by_text("Somebody else sat the exam.")).to_be_visible()
    assert page.get_by_text("@example.com").count() == 0
    assert heard.said == []
    assert page.goto(f"{studio.url}/verify/PRX-0000-0000-<b>").status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("No certificate carries this code")
    assert faults_at_both_widths(page) == []
    look(page, "verify_unknown")
    context.close()


def test_a_code_of_another_address_leads_nowhere_else(studio: Studio) -> None:
    answer = httpx.get(f"{studio.url}/verify", params={"code": "//evil.example/%0d%0aX: 1"})
    assert (answer.status_code, answer.headers["location"].startswith("/verify/PRX-")) == (303, True)
    assert "evil.example" not in answer.headers["location"]
