"""The reports page in a real browser, with the worker that makes the files."""

import asyncio
import csv
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.service import hash_password
from tests.e2e.studio import faults
from tests.factories import make_org_unit, make_person
from tests.loops import apart
from tests.marts import marts
from tests.processes import free_port, running, sign_in

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def company(settings: Settings) -> Iterator[tuple[Settings, str]]:
    """The settings of what runs, and the e-mail of a lead of eight people with one course that all must do."""
    ours = settings.model_copy(update={"api_port": free_port(), "dashboards_port": free_port()})

    async def fill() -> tuple[str, list[uuid.UUID]]:
        engine = make_engine(ours.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            lead = await make_person(session, "Lea Lind", password_hash=hash_password(PASSWORD))
            units = [await make_org_unit(session, name) for name in ("Plant North", "Plant South")]
            people = [await make_person(session, f"Ann *{n}*", manager=lead, org_unit=units[n % 2]) for n in range(8)]
            told, ids = str(lead.email), [person.id for person in people]
        await engine.dispose()
        return told, ids

    email, people = apart(lambda: asyncio.run(fill()))
    with marts(ours) as duck:
        duck.execute(
            "create table obligations as select id as person_id, $course as course_id, 'Fire safety' as course_title,"
            " 20 as progress_percent, date '2026-01-01' as assigned_on, date '2026-02-01' as due_on,"
            " case when id > $middle then $done end as completed_at from (select unnest($ids) as id)",
            {
                "course": str(uuid.UUID(int=1)),
                "ids": [str(one) for one in people],
                "middle": str(sorted(people)[2]),
                "done": datetime(2026, 1, 20, 10, tzinfo=UTC),
            },
        )
    with running(ours, "api", "dashboards", "worker"):
        yield ours, email


def test_a_lead_generates_a_report_and_downloads_it(page: Page, company: tuple[Settings, str], tmp_path: Path) -> None:
    settings, email = company
    sign_in(page, settings, email, PASSWORD)
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("heading", name="New report")).to_be_visible()
    for name, kind in (("PDF, up to 20,000 rows", "PDF"), ("CSV", "CSV")):
        page.get_by_role("combobox", name="Format").click()
        page.get_by_role("option", name=name, exact=True).click()
        page.get_by_role("button", name="Generate").click()
        expect(page.get_by_text(f"Compliance, {kind}")).to_be_visible()
    expect(page.get_by_role("link", name="Download")).to_have_count(2, timeout=60_000)
    expect(page.get_by_text("8 rows of snapshot").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    download.value.save_as(tmp_path / "report.csv")
    rows = list(csv.reader((tmp_path / "report.csv").open(encoding="utf-8-sig")))
    assert len(rows) == 9
    if folder := os.environ.get("PRAXIS_LOOK"):
        page.screenshot(path=f"{folder}/reports.png", full_page=True)
    assert faults(page, "[data-testid=stMain]") == []


def test_a_lead_schedules_a_report_changes_pauses_and_deletes_it(page: Page, company: tuple[Settings, str]) -> None:
    settings, email = company
    sign_in(page, settings, email, PASSWORD)
    page.get_by_role("link", name="Schedules").click()
    expect(page.get_by_role("heading", name="New schedule")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Plant *each* week")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_text("Each Monday at 07:00")).to_be_visible()
    expect(page.get_by_text("To Lea Lind")).to_be_visible()
    expect(page.get_by_text("Next: Mon")).to_be_visible()
    if folder := os.environ.get("PRAXIS_LOOK"):
        page.screenshot(path=f"{folder}/schedules.png", full_page=True)
    expect(page.get_by_test_id("stToast")).to_have_count(0, timeout=30_000)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    assert faults(page, "[data-testid=stMain]") == []
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("heading", name="Change Plant")).to_be_visible()
    often = page.get_by_role("combobox", name="How often")
    expect(often).to_have_count(1)  # the new one's form is gone
    often.click()
    page.get_by_role("option", name="Each day").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Each day at 07:00")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Next:")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Next:")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
