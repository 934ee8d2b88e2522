"""Packages in Chromium: real ones are left in the middle and learned to their end; hostile ones get nowhere."""

import asyncio
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Dialog, FrameLocator, Page, expect
from sqlalchemy import select, text

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import ROOT, Settings
from api.identity.service import hash_password
from api.learning.service import enroll
from api.media.models import MediaAsset
from api.media.package_tasks import import_package
from api.people.models import Person
from tests.api.attacks.company import writing
from tests.api.media.zips import zipped
from tests.factories import make_person, modules_of
from tests.loops import apart
from tests.packages import PAGE, TWO_PARTS, package_asset, package_course, with_organization
from tests.processes import free_port, serving, token_of

PASSWORD = "correct horse battery staple"
AXE = ROOT / "tests" / "e2e" / "assets" / "axe.min.js"
NEXT, EXIT = "Next ->", "Exit"

TALKING = """<!doctype html><html lang="en"><title>Two</title><h1></h1><script>
const api = parent.API;
api.LMSInitialize("");
document.querySelector("h1").textContent = api.LMSGetValue("cmi.launch_data").replace("level=", "Level ");
api.LMSSetValue("cmi.core.score.raw", "85");
api.LMSSetValue("cmi.core.lesson_status", "completed");
api.LMSFinish("");
</script>"""
ATTACK = """<!doctype html><html lang="en"><title>Hostile</title><pre id="out">waiting</pre><script>
const home = "HOME/";
const tries = {
  parent: () => window.parent.document.cookie,
  top: () => window.top.document.body.innerHTML,
  storage: () => window.parent.localStorage.length,
  navigate: () => { window.top.location = "https://example.com/"; },
  cookies: () => { if (document.cookie) return document.cookie; throw Error("none"); },
  fetch: () => fetch(home + "me", {credentials: "include"}).then((a) => a.text()),
  save: () => fetch(home + "progress", {method: "POST", credentials: "include", headers: {"Content-Type": "text/plain"},
    body: "{}"}).then((a) => a.text()),
  image: () => new Promise((done, failed) => {
    const image = new Image(); image.onload = () => done("shown"); image.onerror = failed;
    image.src = home + "static/icon.png"; }),
  away: () => fetch("https://example.com/").then((a) => a.text()),
  worker: () => navigator.serviceWorker.register("worker.js").then(() => "registered"),
  frame: () => new Promise((done, failed) => {
    const frame = document.createElement("iframe"); frame.src = home + "account"; document.body.append(frame);
    const look = () => done(frame.contentDocument.body.innerText);
    setTimeout(() => { try { look(); } catch (error) { failed(error); } }, 700); }),
};
(async () => {
  const got = {};
  for (const [name, attempt] of Object.entries(tries)) {
    try { const found = await attempt(); if (found) got[name] = String(found).slice(0, 80); } catch (error) { }
  }
  document.getElementById("out").textContent = JSON.stringify(got);
})();
</script>"""


@dataclass
class School:
    """One API, one learner, a course a package; `pages` are their addresses."""

    settings: Settings
    email: str = ""
    author: str = ""
    asked: list[str] = field(default_factory=list)
    """By packages, in the browser's own dialogs; each is accepted."""
    pages: dict[str, str] = field(default_factory=dict)
    courses: dict[str, uuid.UUID] = field(default_factory=dict)

    def percent(self, name: str) -> int:
        headers = {"Authorization": f"Bearer {token_of(self.settings, self.email)}"}
        params = {"course_id": str(self.courses[name])}
        found = httpx.get(f"{self.settings.api_url}/progress", params=params, headers=headers, timeout=30).json()
        return int(found["items"][0]["progress_percent"])

    def visits(self, name: str) -> list[dict[str, Any]]:
        """The facts of visits to a package, in order."""

        async def read() -> list[dict[str, Any]]:
            course = "payload ->> 'course_id' = :course"
            statement = text(
                f"select payload from event where type = 'learning.package_session' and {course} order by id"
            )
            async with writing(self.settings) as session:
                return list(await session.scalars(statement, {"course": str(self.courses[name])}))

        return apart(lambda: asyncio.run(read()))


async def _people(school: School) -> None:
    async with writing(school.settings) as session:
        author = await make_person(session, "Author", roles=("creator",), password_hash=hash_password(PASSWORD))
        learner = await make_person(session, "Learner", password_hash=hash_password(PASSWORD))
        assert learner.email
        assert author.email
        school.email, school.author = learner.email, author.email


def _uploaded(school: School, path: Path) -> uuid.UUID:
    """As a creator's script does it."""
    headers = {"Authorization": f"Bearer {token_of(school.settings, school.author, 'creator')}"}
    url = f"{school.settings.api_url}/upload-material"
    answer = httpx.post(url, params={"file_name": path.name}, content=path.read_bytes(), headers=headers, timeout=60)
    assert answer.status_code == 202, answer.text
    return uuid.UUID(answer.json()["asset_id"])


async def _imported(school: School, uploaded: dict[str, uuid.UUID]) -> None:
    """The worker's job, done here."""
    engine = make_engine(school.settings.database_url, pool_size=2)
    for asset_id in uploaded.values():
        await import_package(Context(school.settings, make_sessions(engine)), asset_id=str(asset_id))
    await engine.dispose()


async def _courses(school: School, uploaded: dict[str, uuid.UUID], made: dict[str, Path]) -> None:
    async with writing(school.settings) as session:
        people = {person.email: person for person in await session.scalars(select(Person))}
        author, learner = people[school.author], people[school.email]
        assets = {name: await session.get_one(MediaAsset, asset_id) for name, asset_id in uploaded.items()}
        for name, path in made.items():
            assets[name] = await package_asset(session, school.settings, path, author)
        for name, asset in assets.items():
            course = await package_course(session, author, asset)
            await enroll(session, person_id=learner.id, course_id=course.id)
            (module,) = await modules_of(session, course)
            school.courses[name] = course.id
            school.pages[name] = f"{school.settings.api_url}/packages/{course.id}/{module.id}"


def _packages(folder: Path, settings: Settings) -> tuple[dict[str, Path], dict[str, Path]]:
    """Real ones, where they are on this machine, and those of this test."""
    given = ROOT.parent / "shared" / "data" / "packages"
    real = {
        "silent": given / "singlesco_scorm12.zip",
        "scorm2004": given / "RuntimeBasicCalls_SCORM20043rdEdition.zip",
    }
    ending = "<button onclick=\"parent.postMessage({praxis:'complete'},'*')\">End"
    hostile: dict[str, Any] = {"index.html": ATTACK.replace("HOME", settings.api_url), "worker.js": "1"}
    own = {
        "html": zipped(folder / "html.zip", {"index.html": PAGE + ending}),
        "parts": zipped(folder / "parts.zip", {**TWO_PARTS, "two parts/two.html": TALKING}),
        "hostile": zipped(folder / "hostile.zip", hostile),
    }
    if not given.is_dir():
        return {}, own
    scorm12 = with_organization(given / "singlescobasic_missingorg.zip", folder / "scorm12.zip")
    return {**real, "scorm12": scorm12}, own


@pytest.fixture(scope="module")
def school(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("school")
    made = School(Settings(home=folder, database_url=database_url, api_port=free_port()))
    real, own = _packages(folder, made.settings)
    apart(lambda: asyncio.run(_people(made)))
    with serving(made.settings):
        uploaded = {name: _uploaded(made, path) for name, path in real.items()}
        apart(lambda: asyncio.run(_imported(made, uploaded)))
        apart(lambda: asyncio.run(_courses(made, uploaded, own)))
        yield made


@pytest.fixture(scope="module")
def learner(chromium: Browser, school: School) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)

    def answer(dialog: Dialog) -> None:
        school.asked.append(dialog.message)
        dialog.accept()

    context.on("dialog", answer)
    page = context.new_page()
    page.goto(f"{school.settings.api_url}/sign-in?next=/account")
    page.fill("#email", school.email)
    page.fill("#password", PASSWORD)
    page.click("button")
    yield page
    context.close()


def inside(page: Page, *titles: str) -> FrameLocator:
    """The package's own page: in the frame of the other site, and there in the frame that speaks SCORM."""
    found = page.frame_locator("#stage iframe")
    for _ in titles:
        found = found.frame_locator("iframe")
    return found


def play(page: Page, school: School, name: str) -> None:
    page.goto(school.pages[name])
    expect(page.locator("#stage iframe")).to_be_visible()


@pytest.mark.usefixtures("shared_data")
def test_a_real_scorm_12_package_is_left_in_the_middle_gone_on_with_and_finished(learner: Page, school: School) -> None:
    school.asked.clear()
    play(learner, school, "scorm12")
    sco = inside(learner, "frame")
    expect(sco.frame_locator("#contentFrame").get_by_text("Play of the game")).to_be_visible()
    expect(learner.locator("#state")).to_have_text("Begun")
    assert school.percent("scorm12") == 0
    learner.goto(f"{school.settings.api_url}/account")
    play(learner, school, "scorm12")
    expect(sco.frame_locator("#contentFrame").get_by_text("Play of the game")).to_be_visible()
    for _ in range(15):  # as many as its script says that there are, though few came with it
        sco.get_by_role("button", name=NEXT).press("Enter")
    expect(learner.locator("#state")).to_have_text("Done")
    assert "resume from where you previously left off" in school.asked[0]
    assert school.percent("scorm12") == 100
    with learner.expect_response(lambda told: '"is_over":true' in (told.request.post_data or "")):
        sco.get_by_role("button", name=EXIT).click()
    first, *_, last = school.visits("scorm12")
    assert (first["has_suspend_data"], first["completion_status"]) == (False, "incomplete")
    assert (last["completion_status"], last["item_percent"]) == ("completed", 100)
    told = [visit["session_s"] for visit in school.visits("scorm12")]
    assert sum(told) == pytest.approx(last["total_s"], abs=0.1)


@pytest.mark.usefixtures("shared_data")
def test_a_real_scorm_2004_package_is_learned_to_the_end_of_its_quiz(learner: Page, school: School) -> None:
    play(learner, school, "scorm2004")
    sco = inside(learner, "frame")
    shown = sco.frame_locator("#contentFrame")
    expect(shown.get_by_role("heading", name="Play of the game")).to_be_visible()
    for _ in range(3):
        sco.get_by_role("button", name=NEXT).click()
    expect(shown.get_by_role("heading", name="Other Scoring Systems")).to_be_visible()
    expect(learner.locator("#state")).to_have_text("Begun")
    learner.reload()
    expect(shown.get_by_role("heading", name="Other Scoring Systems")).to_be_visible()
    for _ in range(11):
        sco.get_by_role("button", name=NEXT).click()
    expect(shown.get_by_role("heading", name="Knowledge Check")).to_be_visible()
    for question in shown.locator(".question").all():
        right = question.locator(".correctAnswer")
        if right.locator("input[type=radio]").count():
            right.locator("input").check()
        else:
            right.locator("input").fill(re.findall(r"\((\d+)\)", right.inner_text())[0])
    shown.get_by_role("button", name="Submit Answers").press("Enter")
    expect(shown.get_by_role("heading", name="Score: 100")).to_be_visible()
    expect(learner.locator("#state")).to_have_text("Done, score 100%")
    sco.get_by_role("button", name=EXIT).click()
    expect(learner.get_by_role("button", name="Open it again")).to_be_focused()
    assert school.percent("scorm2004") == 100
    first, *_, last = school.visits("scorm2004")
    assert (last["success_status"], last["score_percent"]) == ("passed", 100)
    assert last["total_s"] > first["total_s"] > 0


@pytest.mark.usefixtures("shared_data")
def test_a_real_package_that_says_nothing_is_finished_by_who_read_it(learner: Page, school: School) -> None:
    play(learner, school, "silent")
    expect(inside(learner, "frame").get_by_role("heading", name="Not implemented yet")).to_be_visible()
    learner.get_by_role("button", name="I have finished").press("Enter")
    expect(learner.locator("#state")).to_have_text("Done")
    assert school.percent("silent") == 100


def test_plain_pages_say_by_themselves_that_they_are_done(learner: Page, school: School) -> None:
    play(learner, school, "html")
    expect(learner.get_by_role("button", name="I have finished")).to_be_visible()
    inside(learner).get_by_role("button", name="End").click()
    expect(learner.locator("#state")).to_have_text("Done")
    assert school.percent("html") == 100


def test_a_hostile_package_reaches_nothing_of_ours(learner: Page, school: School) -> None:
    play(learner, school, "hostile")
    expect(inside(learner).locator("#out")).to_have_text("{}")
    assert learner.url == school.pages["hostile"].replace("/packages/", "/learn/") and school.percent("hostile") == 0
    learner.goto(f"{school.settings.content_url}/account")  # the other name itself has no pages of ours
    assert learner.url == f"{school.settings.api_url}/account"


@pytest.mark.usefixtures("shared_data")
def test_another_window_does_not_overwrite_what_this_one_did(learner: Page, school: School) -> None:
    first, second = learner, learner.context.new_page()
    try:
        for page in (first, second):
            play(page, school, "scorm12")
            expect(inside(page, "frame").frame_locator("#contentFrame").locator("body")).to_be_visible()
        inside(second, "frame").get_by_role("button", name=EXIT).click()
        expect(second.locator("#error")).to_be_hidden()
        inside(first, "frame").get_by_role("button", name=EXIT).click()
        expect(first.get_by_role("alert")).to_contain_text("in another window")
    finally:
        second.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_accessible_wide_and_narrow(learner: Page, school: School, width: int) -> None:
    learner.set_viewport_size({"width": width, "height": 844})
    play(learner, school, "parts")
    expect(learner.get_by_role("navigation", name="Contents")).to_be_visible()
    learner.evaluate(AXE.read_text())
    found = learner.evaluate("axe.run(document, {iframes: false}).then((told) => told.violations.map((one) => one.id))")
    assert found == []
    assert learner.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_several_parts_are_opened_by_keyboard_and_each_counts(learner: Page, school: School) -> None:
    learner.set_viewport_size({"width": 1280, "height": 900})
    play(learner, school, "parts")
    learner.get_by_role("button", name="I have finished").press("Enter")
    expect(learner.locator("#state")).to_have_text("Done · 1 of 2 parts done")
    assert school.percent("parts") == 50
    learner.get_by_role("button", name="Part two").press("Enter")
    expect(inside(learner, "frame").get_by_role("heading", name="Level 3")).to_be_visible()
    expect(learner.locator("#state")).to_have_text("Done, score 85% · 2 of 2 parts done")
    expect(learner.get_by_role("heading", name="You have finished the course")).to_be_focused()
    assert school.percent("parts") == 100


def test_an_author_s_preview_keeps_nothing(chromium: Browser, school: School) -> None:
    context = chromium.new_context()
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(f"{school.settings.api_url}/sign-in?next=/account")
    page.fill("#email", school.author)
    page.fill("#password", PASSWORD)
    page.click("button")
    page.goto(school.pages["parts"] + "?preview=true")
    page.get_by_role("button", name="Part two").click()
    expect(inside(page, "frame").get_by_role("heading", name="Level 3")).to_be_visible()
    expect(page.locator("#notice")).to_have_text("A preview: nothing of it is kept.")
    assert "PUT" not in sent
    page.goto(school.pages["parts"])
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not enrolled in this course")
    context.close()


def test_without_another_address_a_package_is_nobodys_site(chromium: Browser, school: School) -> None:
    """Plain pages are shown in a sandbox, SCORM isn't played, and nothing of ours is reached."""
    port = free_port()
    own = f"http://127.0.0.1:{port}"
    settings = school.settings.model_copy(update={"api_port": port, "public_content_url": own})
    context = chromium.new_context()
    page = context.new_page()
    with serving(settings):
        page.goto(f"{own}/sign-in?next=/account")
        page.fill("#email", school.email)
        page.fill("#password", PASSWORD)
        page.click("button")
        page.goto(school.pages["hostile"].replace(school.settings.api_url, own))
        expect(inside(page).locator("#out")).to_have_text("{}")
        page.goto(school.pages["parts"].replace(school.settings.api_url, own))
        page.get_by_role("button", name="Part two").click()
        expect(page.get_by_role("alert")).to_contain_text("SCORM can't be played")
    context.close()
