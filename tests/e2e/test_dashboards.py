"""The dashboards in a real browser, on the demo company."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.processes import sign_in, token_of

SHOTS = Path("/tmp/mgr/shots")
SLOW = 30_000


def api(demo: Demo, role: str) -> httpx.Client:
    url = f"http://127.0.0.1:{demo.settings.api_port}"
    token = token_of(demo.settings, demo.emails[role], role)
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_a_manager_sees_the_numbers_that_the_api_gives(page: Page, demo_company: Demo) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if "//" in request.url else None)
    sign_in(page, demo_company.settings, demo_company.emails["manager"], demo_company.password)
    expect(page.get_by_role("heading", name="Team compliance")).to_be_visible()
    with api(demo_company, "manager") as client:
        kpis = client.get("/compliance-report").json()["kpis"]
    values = page.locator('[data-testid="stMetricValue"]')
    expect(values).to_have_count(4)
    assert values.nth(0).inner_text() == f"{kpis['compliance_rate']['value']:.0%}"
    assert values.nth(1).inner_text() == f"{kpis['overdue']['value']:.0f}"
    expect(page.get_by_text("Compliance by team and course")).to_be_visible()
    expect(page.get_by_text("Trend, 26 weeks")).to_be_visible()
    expect(page.get_by_text(re.compile("from lake snapshot"))).to_be_visible()
    settings = demo_company.settings
    ours = {f"127.0.0.1:{port}" for port in (settings.dashboards_port, settings.api_port)}
    assert {host for host in hosts if host} == ours, "the sign-in is at the API"


def test_a_manager_reminds_somebody_and_opens_their_page(page: Page, demo_company: Demo) -> None:
    with api(demo_company, "manager") as client:
        late = client.get("/compliance-report", params={"status": "overdue"}).json()["items"][0]
    sign_in(page, demo_company.settings, demo_company.emails["manager"], demo_company.password)
    table = page.locator('[data-testid="stDataFrame"]').first
    expect(table).to_be_visible(timeout=SLOW)
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 38 + 17)
    page.get_by_role("button", name="Send a reminder").click()
    expect(page.get_by_text("1 sent.")).to_be_visible(timeout=SLOW)
    with api(demo_company, "manager") as client:
        body = {"items": [{"person_id": late["person"]["id"], "course_id": late["course"]["id"]}]}
        assert client.post("/reminders", json=body).json() == {"sent": 0, "already_today": 1, "not_due": 0}
    page.get_by_role("link", name=f"Open {late['person']['name']}").click()
    expect(page.get_by_role("heading", name=late["person"]["name"])).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(f"{late['days_late']} days late").first).to_be_visible(timeout=SLOW)
    assert f"person={late['person']['id']}" in page.url
    page.screenshot(path=SHOTS / "person.png", full_page=True)


def test_an_officer_narrows_the_company_and_the_address_brings_the_same_view_back(
    page: Page, demo_company: Demo
) -> None:
    sign_in(page, demo_company.settings, demo_company.emails["compliance officer"], demo_company.password)
    expect(page.get_by_role("heading", name=re.compile("compliance"))).to_be_visible(timeout=SLOW)
    expect(page.locator('[data-testid="stMetricValue"]')).to_have_count(4, timeout=SLOW)
    page.set_viewport_size({"width": 1440, "height": 1150})
    page.screenshot(path=SHOTS / "company.png", full_page=True)
    page.get_by_role("combobox", name="Units").click()
    page.get_by_role("option", name=re.compile("Logistics")).click()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"[?&]unit="), timeout=SLOW)
    with api(demo_company, "compliance officer") as client:
        units = client.get("/compliance-report", params={"limit": 1}).json()["units"]
        one = next(unit for unit in units if unit["name"] == "Logistics")
        narrowed = client.get("/compliance-report", params={"unit": one["id"], "limit": 1}).json()
    page.goto(page.url)
    value = page.locator('[data-testid="stMetricValue"]').first
    expect(value).to_have_text(f"{narrowed['kpis']['compliance_rate']['value']:.0%}", timeout=SLOW)
    assert {cell["team"] for cell in narrowed["matrix"]} == {"Logistics"}
    page.screenshot(path=SHOTS / "unit.png", full_page=True)
    page.get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", name="People")).to_be_visible(timeout=SLOW)
    expect(page.locator('[data-testid="stDataFrame"]').first).to_be_visible(timeout=SLOW)
    page.screenshot(path=SHOTS / "people.png", full_page=True)


def test_what_a_learner_does_shows_on_the_open_page(page: Page, demo_company: Demo) -> None:
    sign_in(page, demo_company.settings, demo_company.emails["manager"], demo_company.password)
    expect(page.get_by_text("and 0 newer events")).to_be_visible(timeout=30_000)
    with api(demo_company, "employee") as client:
        courses = client.get("/courses").json()["items"]
        answers = (client.post("/enroll", json={"course_id": course["id"]}).status_code for course in courses)
        assert 201 in answers, "the first course that is new to this person"
    expect(page.get_by_text("and 1 newer event.")).to_be_visible(timeout=12_000)


def test_the_csv_is_the_whole_list(page: Page, demo_company: Demo, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    sign_in(page, demo_company.settings, demo_company.emails["manager"], demo_company.password)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    download.value.save_as(tmp_path / "report.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "report.csv").read_text(encoding="utf-8-sig"))))
    with api(demo_company, "manager") as client:
        shown = {
            "limit": 10_000,
            "due_from": str(today - timedelta(days=365)),
            "due_to": str(today + timedelta(days=90)),
        }
        items = client.get("/compliance-report", params=shown).json()["items"]
    assert [(row["Person"], row["Course"]) for row in rows] == [
        (i["person"]["name"], i["course"]["name"]) for i in items
    ]


def test_a_creator_sees_how_a_course_does_in_two_versions(page: Page, demo_company: Demo, tmp_path: Path) -> None:
    sign_in(page, demo_company.settings, demo_company.emails["creator"], demo_company.password)
    page.get_by_role("link", name=re.compile("Course insight")).click()
    expect(page.get_by_role("heading", name=re.compile("Course insight: "))).to_be_visible()
    for title in ("Video retention", "Funnel", "Quiz items", "Time to complete", "Ratings and comments", "Groups of"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.locator('[data-testid="stVegaLiteChart"]')).to_have_count(5)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").nth(1).click()
    download.value.save_as(tmp_path / "funnel.csv")
    steps = list(csv.DictReader(io.StringIO((tmp_path / "funnel.csv").read_text(encoding="utf-8-sig"))))
    assert [steps[0]["Step"], steps[-1]["Step"]] == ["Enrolled", "Finished"]
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name=re.compile("Version 1")).click()
    expect(page.get_by_role("heading", name="Version 2 beside version 1")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_employee_without_a_team_is_told_what_these_pages_are_for(page: Page, demo_company: Demo) -> None:
    sign_in(page, demo_company.settings, demo_company.emails["employee"], demo_company.password)
    expect(page.get_by_text("Nobody reports to you today")).to_be_visible()


def test_the_manager_page_fits_a_phone(page: Page, demo_company: Demo) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, demo_company.settings, demo_company.emails["manager"], demo_company.password)
    expect(page.locator('[data-testid="stMetricValue"]').first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
