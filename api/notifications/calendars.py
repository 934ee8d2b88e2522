"""The calendar file of a mail: due dates as whole days, live sessions in their own time zone."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vText

from api.learning.schemas import LiveOut


@dataclass(frozen=True, slots=True)
class DueDate:
    person_id: uuid.UUID
    course_id: uuid.UUID
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Session:
    stem_id: uuid.UUID
    version_number: int
    title: str
    course: str
    live: LiveOut


def calendar(dates: list[DueDate], sessions: list[Session], *, made_at: datetime, reminder: str, link: str) -> bytes:
    """Each entry has the UID that it has in any other mail, so that a newer one moves it instead of adding one.

    `reminder` is what the alarm says; `link` is where our pages are.
    """
    made = Calendar()
    made.add("prodid", "-//Praxis//Notifications//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for one in dates:
        made.add_component(_of_due_date(one, made_at, reminder, link))
    for session in sessions:
        made.add_component(_of_session(session, made_at, reminder))
    if sessions:
        made.add_missing_timezones()
    return bytes(made.to_ical())


def _event(uid: str, summary: str, made_at: datetime, sequence: int) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", made_at.astimezone(UTC))
    event.add("sequence", sequence)
    event.add("summary", summary)
    return event


def _of_due_date(one: DueDate, made_at: datetime, reminder: str, link: str) -> Event:
    """Later mails have a higher number by their day; within a day a due date isn't moved twice."""
    event = _event(f"due-{one.course_id}-{one.person_id}@praxis", one.title, made_at, made_at.toordinal() - 730_000)
    event.add("dtstart", one.due_on)
    event.add("dtend", one.due_on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("url", f"{link}/learn/{one.course_id}")
    event.add_component(_alarm(reminder, timedelta(hours=-15)))
    return event


def _of_session(one: Session, made_at: datetime, reminder: str) -> Event:
    """The UID is the one of GET /live-calendar."""
    zone = ZoneInfo(one.live.time_zone)
    event = _event(f"{one.stem_id}@praxis", one.title, made_at, one.version_number)
    assert one.live.starts_at is not None
    event.add("dtstart", one.live.starts_at.astimezone(zone))
    if one.live.ends_at:
        event.add("dtend", one.live.ends_at.astimezone(zone))
    event.add("description", one.course)
    if one.live.place.startswith(("https://", "http://")):
        event.add("url", one.live.place)
    if one.live.place:
        event["location"] = vText(one.live.place)
    event.add_component(_alarm(reminder, timedelta(minutes=-15)))
    return event


def _alarm(text: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", before)
    return alarm
