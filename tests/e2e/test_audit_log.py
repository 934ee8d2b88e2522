"""The audit log's page in a real browser, on a company of three."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.audit import record
from api.identity.audit_chain import verify
from api.identity.service import hash_password
from tests.api.identity.test_audit_search import check
from tests.factories import make_person
from tests.loops import apart
from tests.processes import free_port, running, sign_in

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def company(settings: Settings) -> Iterator[tuple[Settings, str]]:
    """The settings of what runs, and the officer's e-mail."""
    ours = settings.model_copy(update={"api_port": free_port(), "dashboards_port": free_port()})

    async def fill() -> str:
        engine = make_engine(ours.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            officer = await make_person(
                session, "Ona Orr", roles=("officer", "creator"), password_hash=hash_password(PASSWORD)
            )
            told = str(officer.email)
            other = await make_person(session, "Bo *Berg*")
            for role in ("creator", "officer"):
                await record(
                    session,
                    action="identity.role_granted",
                    target_type="account",
                    target_id=other.id,
                    before={"role": "none"},
                    after={"role": role},
                )
        await engine.dispose()
        return told

    email = apart(lambda: asyncio.run(fill()))
    with running(ours):
        yield ours, email


def settle(page: Page) -> None:
    """Until the page has run to its end; it begins to a moment after the key."""
    page.wait_for_timeout(700)
    app = page.locator('[data-testid="stApp"]')
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=30_000)


def test_an_officer_finds_their_own_sign_in_and_takes_the_log_away(
    page: Page, company: tuple[Settings, str], tmp_path: Path
) -> None:
    settings, email = company
    sign_in(page, settings, email, PASSWORD)
    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    table = page.locator('[data-testid="stDataFrame"]').first
    expect(table).to_be_visible(timeout=30_000)
    page.get_by_label("To whom or what").fill("bo *berg*")
    page.get_by_label("To whom or what").press("Enter")
    settle(page)
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 38 + 17)
    expect(page.get_by_role("heading", name="Entry 2: role granted")).to_be_visible()
    expect(page.get_by_text("Bo *Berg*").last).to_be_visible()
    page.get_by_label("To whom or what").fill("")
    page.get_by_label("To whom or what").press("Enter")
    settle(page)
    for name, kind in (("Export CSV", "csv"), ("Export JSON Lines", "jsonl")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        content = Path(download.value.path()).read_bytes()
        assert check(content, kind, tmp_path).returncode == 0
        assert b"identity.signed_in" in content
        assert b"identity.audit_log_exported" in content
    assert apart(lambda: asyncio.run(verify(settings))).broken == []
