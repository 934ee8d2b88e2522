"""An officer makes a course mandatory, sees whom it means, lets somebody off, and ends it; in Chromium."""

import asyncio

from playwright.sync_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.identity.service import hash_password
from tests.e2e.studio_pages import PASSWORD, Heard, Studio, faults_at_both_widths
from tests.factories import make_course, make_org_unit, make_person
from tests.loops import apart

PAGE = "/officer/requirements"


async def _company(studio: Studio) -> tuple[str, str]:
    """E-mails of an officer and of a welder."""
    engine = make_engine(studio.settings.database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        secret = hash_password(PASSWORD)
        plant = await make_org_unit(session, "Plant North", await make_org_unit(session))
        officer = await make_person(session, "Olga Officer", roles=("officer",), password_hash=secret)
        welder = await make_person(session, "Wendy Welder", org_unit=plant, job_title="Welder")
        await make_course(session, officer, "Welding safety")
        await session.commit()
    await engine.dispose()
    return str(officer.email), str(welder.email)


def test_an_officer_makes_a_course_mandatory_lets_somebody_off_and_ends_it(page: Page, studio: Studio) -> None:
    officer, welder = apart(lambda: asyncio.run(_company(studio)))
    heard = Heard()
    page.on("console", heard)
    page.goto(studio.url + PAGE)
    page.fill("#email", officer)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PAGE}*")
    page.select_option("#course_id", label="Welding safety")
    page.fill("#title", "Welders, yearly")
    page.select_option("#units", label="Plant North")
    page.fill("#jobs", "welder, fitter")
    page.fill("#every_months", "12")
    page.get_by_role("button", name="Whom would it mean?").click()
    expect(page.get_by_text("Wendy Welder")).to_be_visible()
    assert page.input_value("#title") == "Welders, yearly"  # what was typed stays
    assert faults_at_both_widths(page) == []
    page.get_by_role("button", name="Make it mandatory").click()
    expect(page.get_by_text("It is mandatory now.")).to_be_visible()
    one = page.locator("li", has_text="Welders, yearly")
    expect(one).to_contain_text("Plant North · welder, fitter")
    page.fill("#email", welder)
    page.fill("#reason", "On parental leave")
    page.get_by_role("button", name="Waive", exact=True).click()
    expect(page.locator("li", has_text="On parental leave")).to_contain_text("Wendy Welder")
    page.fill("#email", "nobody@example.com")
    page.fill("#reason", "Gone")
    page.get_by_role("button", name="Waive", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults_at_both_widths(page) == []
    page.get_by_role("button", name="End the waiver of Wendy Welder").click()
    expect(page.get_by_text("The waiver is over.")).to_be_visible()
    one.get_by_role("button").click()
    expect(page.get_by_text("Nobody owes it any more.")).to_be_visible()
    expect(one).to_contain_text("over")
    assert not [said for said in heard.said if "404" not in said]
