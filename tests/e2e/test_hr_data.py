"""The data team decides in Chromium on what the breaker stopped; Dagster applies exactly that."""

import os
import re
import time
from pathlib import Path

import dagster as dg
import pytest
from playwright.sync_api import Page, expect

from api.core.settings import ROOT
from pipelines.hr.assets import employees
from pipelines.hr.ingest import ingest
from pipelines.hr.watch import hr_import_approved
from tests.e2e.conftest import Demo
from tests.loops import apart
from tests.processes import sign_in

AXE = ROOT / "tests" / "e2e" / "assets" / "axe.min.js"
HEADER = (
    "employee_number,name,email,job_title,org_unit_code,org_unit_name,org_unit_parent_code,"
    "manager_number,location,country,cost_center,started_on,ended_on"
)
SOON_MS = 60_000


def deliver(demo: Demo, source: str) -> None:
    """A first file in which two people are each other's manager, and one has no first day."""
    folder = demo.settings.hr_dir / source
    folder.mkdir(parents=True)
    (folder / "mapping.yml").write_text((ROOT / "pipelines/hr/mappings/demo.yml").read_text())
    people = [("1", ""), ("2", "3"), ("3", "2"), ("4", "1"), ("5", "1")]
    lines = [f"{n},Ann Lee {n},{n}@{source}.example,Engineer,x,X,,{m},Berlin,DE,,2024-01-01," for n, m in people]
    path = folder / "people-2026-03-01.csv"
    path.write_text("\n".join([HEADER, *lines, f"6,Bo Ito,6@{source}.example,Engineer,x,X,,1,Berlin,DE,,,"]))
    os.utime(path, (time.time() - 60, time.time() - 60))
    outcome = apart(lambda: ingest(demo.settings, source))
    assert outcome is not None
    assert outcome.status == "held"


def apply_approved(demo: Demo) -> None:
    """What Dagster's daemon does: ask the sensor, start its runs."""

    def run() -> None:
        with dg.build_sensor_context(resources={"settings": demo.settings}) as context:
            requests = hr_import_approved(context).run_requests
        assert requests
        for request in requests:
            resources = {"settings": demo.settings}
            assert dg.materialize([employees], resources=resources, run_config=request.run_config).success

    apart(run)


def findings(page: Page) -> list[str]:
    """Of our page; the list of pages beside it is Streamlit's own, and nests its items in a way that axe minds."""
    page.evaluate(AXE.read_text())
    return page.evaluate(
        "axe.run('[data-testid=stMain]').then(told => told.violations.map(v => `${v.id}: ${v.nodes[0].target}`))"
    )


@pytest.fixture
def stopped(demo_company: Demo, page: Page) -> Page:
    deliver(demo_company, "acme")
    deliver(demo_company, "beta")
    sign_in(page, demo_company.settings, demo_company.emails["HR data"], demo_company.password)
    page.goto(f"{demo_company.settings.api_url}/data-team")  # as the notice leads there
    expect(page.get_by_role("heading", name="HR data", exact=True)).to_be_visible(timeout=SOON_MS)
    return page


def test_what_was_stopped_is_looked_at_approved_and_applied_or_rejected(
    stopped: Page, demo_company: Demo, tmp_path: Path
) -> None:
    page = stopped
    expect(page.get_by_role("heading", name="Stopped: people-2026-03-01.csv of acme")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_text(re.compile("New manager circle: 2 . 3 . 2")).first).to_be_visible()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_visible(timeout=SOON_MS)
    page.screenshot(path=os.environ.get("PRAXIS_LOOK", tmp_path / "hr.png"), full_page=True)
    assert findings(page) == []
    acme = page.locator("[class*=st-key-card]", has=page.get_by_role("heading", name=re.compile("Stopped: .* of acme")))
    acme.get_by_role("radio", name=re.compile("are kept out")).click()
    acme.get_by_role("button", name="Approve and apply").click()
    expect(page.get_by_text("It is applied within a minute").first).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("heading", name=re.compile("Stopped: .* of acme"))).to_have_count(0, timeout=SOON_MS)
    apply_approved(demo_company)
    beta = page.locator("[class*=st-key-card]", has=page.get_by_role("heading", name=re.compile("Stopped: .* of beta")))
    beta.get_by_label("Why not, for the audit log").fill("The export broke off.")
    beta.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Nothing was changed.").first).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("heading", name=re.compile("Stopped"))).to_have_count(0, timeout=SOON_MS)
    expect(page.get_by_text("joined 3").first).to_be_attached(timeout=SOON_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
