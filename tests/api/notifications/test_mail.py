"""Mail, as it arrives at a real server: whole, at its time, again when it wasn't taken, and lost never."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import Module
from api.notifications.models import NotificationChoice, NotificationTimes
from api.people.models import Person, PersonSetting
from tests.api.notifications.conftest import NOON, News
from tests.api.notifications.sink import PASSWORD, USER, Sink, events, part, self_signed, sink
from tests.factories import make_course, make_person, make_requirement
from tests.processes import free_port

DAY = timedelta(days=1)


@pytest.fixture
def inbox():
    with sink() as found:
        yield found


async def owed(db: AsyncSession, person: Person, title: str = "Working at height", *modules: Module) -> dict[str, str]:
    """Facts of a course that everybody has to learn by 2026-12-11."""
    course = await make_course(db, person, title, modules=list(modules) or None)
    await make_requirement(db, course, due_within_days=30, valid_from=date(2026, 11, 11))
    told = {"course_id": str(course.id), "title": title, "due_on": "2026-12-11"}
    return told | {"version_id": str(course.current_version_id)}


async def test_a_mail_has_text_html_a_calendar_and_nothing_that_calls_home(
    committed: AsyncSession, news: News, inbox: Sink
) -> None:
    ada = await make_person(committed, "Ada Ito")
    committed.add(PersonSetting(person_id=ada.id, language="en", time_zone="Asia/Tokyo"))
    live = {"starts_at": "2026-12-03T09:00:00Z", "ends_at": "2026-12-03T10:30:00Z", "time_zone": "Europe/Berlin"}
    module = Module(position=1, kind="live", title="First aid", duration_s=5400, settings=live | {"place": "Room 1"})
    facts = await owed(committed, ada, "R&D <basics>", module)
    await committed.commit()
    await news.tell(ada.id, "enrolled", **facts)
    morning = NOON + timedelta(hours=11)  # 8:00 in Tokyo
    assert await news.deliver(inbox.url, mail_from="Höhe & Co <learn@example.com>", now=morning) == 1
    assert await news.deliver(inbox.url, now=morning) == 0, "once"
    (mail,) = inbox.kept
    assert (mail["subject"], mail["to"]) == ("You are enrolled: R&D <basics>", f"Ada Ito <{ada.email}>")
    assert mail["from"] == "Höhe & Co <learn@example.com>"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["message-id"] == (await news.of(ada.id))[0]["message_id"]
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert [one.get_content_type() for one in mail.walk() if not one.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    text, html = part(mail, "text/plain"), part(mail, "text/html")
    address = f"https://learn.example.com/learn/{facts['course_id']}"
    assert "Hello Ada Ito,\n\nYou are enrolled: R&D <basics>\n" in text
    assert f"Start learning: {address}\n" in text
    assert f'href="{address}"' in html
    assert "R&amp;D &lt;basics&gt;" in html
    assert not [mark for mark in ("src=", "url(", "@import", "<script", "<img", "<link") if mark in html]
    due, session = events(mail)
    assert (due["dtstart"].dt, due["dtend"].dt, due["transp"]) == (
        date(2026, 12, 11),
        date(2026, 12, 12),
        "TRANSPARENT",
    )
    assert session["dtstart"].dt == datetime(2026, 12, 3, 9, tzinfo=UTC)
    assert str(session["dtstart"].params["TZID"]) == "Europe/Berlin"
    assert "METHOD:PUBLISH" in part(mail, "text/calendar")
    assert "BEGIN:VTIMEZONE" in part(mail, "text/calendar")
    assert all(one.walk("VALARM") for one in (due, session))

    await news.tell(ada.id, "due_soon", **facts | {"version_id": ""})
    await news.deliver(inbox.url, now=morning + DAY)
    (again,) = events(inbox.kept[1])
    days = (date(2026, 12, 11) - datetime.now(ZoneInfo("Asia/Tokyo")).date()).days
    assert inbox.kept[1]["subject"].endswith(": R&D <basics>")
    assert f" {days} " in inbox.kept[1]["subject"] or days < 2, "as of the day on which it is read"
    assert (again["uid"], again["sequence"] >= due["sequence"]) == (due["uid"], True)


async def test_what_people_write_can_not_begin_a_header(committed: AsyncSession, news: News, inbox: Sink) -> None:
    ada = await make_person(committed, "Ada\r\nBcc: all@example.com\u2028X")
    ada.email = "ada@example.com"
    odd = await make_person(committed, "Od D")
    odd.email = "odd\r\nRCPT TO:<all@example.com>@example.com"
    await committed.commit()
    await news.tell(ada.id, "enrolled", title="Safe\r\nBcc: all@example.com\x1b\r\n\r\nBody")
    await news.tell(odd.id, "enrolled")
    assert await news.deliver(inbox.url) == 1
    (mail,) = inbox.kept
    assert (mail["bcc"], mail["to"].addresses[0].addr_spec) == (None, "ada@example.com")
    assert mail["subject"] == "You are enrolled: Safe Bcc: all@example.com Body"
    assert await news.mails(odd.id) == ["given_up"]


async def test_mail_waits_for_the_first_working_day_and_leavers_get_none(
    committed: AsyncSession, news: News, inbox: Sink
) -> None:
    new = await make_person(committed, "Ne W", started_on=date(2026, 12, 1))
    gone = await make_person(committed, "Go Ne", ended_on=date(2026, 11, 24))
    last = await make_person(committed, "La St", ended_on=date(2026, 11, 25))
    for person in (new, gone, last):
        committed.add(PersonSetting(person_id=person.id, time_zone="Europe/Berlin"))
    await committed.commit()
    for person in (new, gone, last):
        await news.tell(person.id, "enrolled")
    assert await news.deliver(inbox.url) == 1, "who works for the last time today"
    assert await news.mails(gone.id) == ["left"]
    for hours in range(0, 24 * 5 + 18, 4):  # until 5:00 on the first of December
        await news.deliver(inbox.url, now=NOON + timedelta(hours=hours))
    assert [mail["to"].addresses[0].addr_spec for mail in inbox.kept] == [last.email]
    assert await news.deliver(inbox.url, now=datetime(2026, 12, 1, 6, 0, tzinfo=UTC)) == 1
    assert inbox.kept[1]["to"].addresses[0].addr_spec == new.email


async def test_each_person_hears_as_they_chose_and_many_at_once_are_one_mail(
    committed: AsyncSession, news: News, inbox: Sink
) -> None:
    off, daily, many = [await make_person(committed, name) for name in ("Of F", "Dai Ly", "Ma Ny")]
    committed.add(NotificationChoice(person_id=off.id, kind="enrolled", app=True, mail=False))
    committed.add(
        NotificationTimes(
            person_id=daily.id,
            digest="daily",
            digest_at=time(15, 30),
            quiet_from=None,
            quiet_to=None,
            is_weekend_quiet=False,
        )
    )
    await committed.commit()
    live = {"session": "First aid", "live": {"starts_at": "2026-11-26T09:00:00Z"}}
    await news.tell(off.id, "enrolled", "promoted")
    await news.tell(daily.id, "enrolled", "promoted")
    await news.tell(daily.id, "live_tomorrow", **live)
    await news.tell(many.id, "enrolled", "enrolled", "promoted", "enrolled")
    await news.deliver(inbox.url)
    got = sorted((str(mail["to"].addresses[0].display_name), str(mail["subject"])) for mail in inbox.kept)
    assert got == [
        ("Dai Ly", "Your session: First aid"),
        ("Ma Ny", "4 things about your learning"),
        ("Of F", "A seat is yours: Safe data"),
    ]
    assert await news.mails(off.id) == ["unwanted", "sent"]
    await news.tell(daily.id, "course_completed", at=NOON + timedelta(hours=1))
    assert await news.deliver(inbox.url, now=NOON + timedelta(hours=3, minutes=29)) == 0
    assert await news.deliver(inbox.url, now=NOON + timedelta(hours=3, minutes=30)) == 1
    assert inbox.kept[3]["subject"] == "3 things about your learning"
    assert [title in part(inbox.kept[3], "text/plain") for title in ("You are enrolled", "Completed")] == [True, True]
    assert inbox.kept[3]["list-unsubscribe"].split("/")[-1].split(".")[1] == "all"


async def test_a_reminder_of_what_was_done_meanwhile_is_not_sent(
    committed: AsyncSession, news: News, inbox: Sink
) -> None:
    ada = await make_person(committed)
    facts = await owed(committed, ada)
    await committed.commit()
    await news.tell(ada.id, "due_soon", **facts)
    await news.tell(ada.id, "overdue", **facts | {"course_id": str(uuid.uuid4())})
    assert await news.deliver(inbox.url) == 1
    assert await news.mails(ada.id) == ["sent", "moot"]


async def test_what_the_server_does_not_take_is_tried_again_or_given_up_with_its_reason(
    committed: AsyncSession, news: News, inbox: Sink
) -> None:
    later, never = await make_person(committed, "La Ter"), await make_person(committed, "Ne Ver")
    await committed.commit()
    await news.tell(later.id, "enrolled", at=NOON - timedelta(minutes=5))
    await news.tell(never.id, "enrolled", at=NOON - timedelta(minutes=4))
    inbox.answers = ["451 try again", "550 no such mailbox bob@example.com"]
    assert await news.deliver(inbox.url) == 0
    (waits,), (given_up,) = await news.of(later.id), await news.of(never.id)
    assert (waits["mail"], waits["mail_tries"], waits["mail_at"]) == ("waiting", 1, NOON + timedelta(minutes=1))
    assert (given_up["mail"], given_up["mail_error"]) == ("given_up", "550 no such mailbox b***@example.com")
    assert await news.deliver(inbox.url) == 0, "not at once"
    inbox.answers = ["452 still full"]
    assert await news.deliver(inbox.url, now=NOON + timedelta(minutes=1)) == 0
    assert (await news.of(later.id))[0]["mail_at"] == NOON + timedelta(minutes=3)
    assert await news.deliver(inbox.url, now=NOON + timedelta(minutes=3)) == 1
    assert await news.mails(later.id) == ["sent"]
    assert await news.mails(never.id) == ["given_up"]


async def test_a_server_that_dies_in_the_middle_loses_nothing_and_a_double_can_be_recognised(
    committed: AsyncSession, news: News, inbox: Sink
) -> None:
    people = [await make_person(committed, f"Per Son {number}") for number in range(3)]
    await committed.commit()
    for person in people:
        await news.tell(person.id, "enrolled")
    dead = f"smtp://127.0.0.1:{free_port()}"
    assert await news.deliver(dead) == 0
    assert [await news.mails(person.id) for person in people] == [["waiting"]] * 3
    inbox.answers = ["250 kept", "drop"]
    assert await news.deliver(inbox.url) == 2, "goes on by a new connection"
    assert await news.deliver(inbox.url, now=NOON + timedelta(minutes=2)) == 1
    assert [await news.mails(person.id) for person in people] == [["sent"]] * 3
    ids = [str(mail["message-id"]) for mail in inbox.kept]
    assert (len(ids), len(set(ids))) == (4, 3), "the one whose answer was lost came twice, under one id"


async def test_a_password_goes_out_by_tls_only_and_to_the_server_that_proves_its_name(
    committed: AsyncSession, news: News, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await make_person(committed)
    await committed.commit()
    await news.tell(ada.id, "enrolled")
    certificate = self_signed(tmp_path, "localhost")
    with sink(certificate=certificate) as inbox:
        url = f"smtp://{USER}:{quote(PASSWORD, safe='')}@localhost:{inbox.port}"
        assert await news.deliver(url) == 0, "nobody vouches for the certificate"
        assert inbox.logins == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert await news.deliver(url) == 1
        assert inbox.logins == [(USER, PASSWORD, True)]


async def test_without_a_server_everything_is_shown_and_no_mail_is_promised(
    committed: AsyncSession, news: News, inbox: Sink
) -> None:
    """What was not sent then is not sent later, when a server is set: it would be a flood of old news."""
    ada = await make_person(committed)
    await committed.commit()
    await news.tell(ada.id, "enrolled", "promoted")
    assert await news.deliver("") == 0
    assert await news.mails(ada.id) == ["no_server", "no_server"]
    assert await news.deliver(inbox.url) == 0
    assert await news.deliver("mailto:x@example.com") == 0, "a wrong setting is told in the log, and stops nothing"
