"""When a mail may come and which reminder a day is for: tables."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.notifications.hours import Times, mail_moment, next_digest, quiet_until
from api.notifications.rules import KINDS, Choice, before_due, channels, overdue_week, pause_minutes

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
USUAL = Times()
LATE_NIGHT = Times(quiet_from=time(22), quiet_to=time(2, 30), is_weekend_quiet=False)
LUNCH = Times(quiet_from=time(12), quiet_to=time(13))
NEVER = Times(quiet_from=None, quiet_to=None, is_weekend_quiet=False)


def utc(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "times", "moment", "expected"),
    [
        (BERLIN, USUAL, "2026-11-25T10:00", "2026-11-25T10:00"),  # a Wednesday, 11:00 there
        (BERLIN, USUAL, "2026-11-25T19:00", "2026-11-26T06:00"),  # 20:00 to 7:00 in winter
        (BERLIN, USUAL, "2026-07-01T18:00", "2026-07-02T05:00"),  # and in summer
        (BERLIN, USUAL, "2026-07-01T17:59", "2026-07-01T17:59"),
        (BERLIN, USUAL, "2026-11-25T05:59", "2026-11-25T06:00"),
        (BERLIN, USUAL, "2026-11-27T19:30", "2026-11-30T06:00"),  # Friday night to Monday morning
        (BERLIN, USUAL, "2026-11-28T11:00", "2026-11-30T06:00"),  # Saturday noon
        (KOLKATA, USUAL, "2026-11-25T14:30", "2026-11-26T01:30"),  # 20:00 there
        # The clocks go back on 25 October 2026, forward on 28 March 2027: 7:00 is another moment after that night.
        (BERLIN, USUAL, "2026-10-23T18:00", "2026-10-26T06:00"),
        (BERLIN, Times(is_weekend_quiet=False), "2026-10-24T19:00", "2026-10-25T06:00"),
        (BERLIN, Times(is_weekend_quiet=False), "2027-03-27T20:00", "2027-03-28T05:00"),
        (BERLIN, LATE_NIGHT, "2027-03-28T00:30", "2027-03-28T01:30"),  # 2:30 isn't there: 3:30 summer time
        (BERLIN, LATE_NIGHT, "2026-10-25T00:10", "2026-10-25T00:30"),  # 2:30 comes twice, and the first is enough
        (BERLIN, LATE_NIGHT, "2026-10-25T01:10", "2026-10-25T01:30"),  # 2:10 the second time
        (BERLIN, LUNCH, "2026-11-25T11:15", "2026-11-25T12:00"),
        (BERLIN, NEVER, "2026-11-28T23:15", "2026-11-28T23:15"),
        (BERLIN, Times(quiet_from=time(7), quiet_to=time(7)), "2026-11-25T22:00", "2026-11-25T22:00"),
    ],
)
def test_mail_waits_until_the_quiet_hours_end(zone: ZoneInfo, times: Times, moment: str, expected: str) -> None:
    assert quiet_until(utc(moment), zone, times) == utc(expected)


def test_no_mail_ever_comes_in_quiet_hours_whatever_the_clocks_do() -> None:
    start = utc("2026-10-24T00:00")
    for times in (USUAL, LATE_NIGHT, LUNCH):
        for minutes in range(0, 4 * 24 * 60, 17):
            moment = start + timedelta(minutes=minutes)
            found = quiet_until(moment, BERLIN, times)
            assert found >= moment
            assert quiet_until(found, BERLIN, times) == found


@pytest.mark.parametrize(
    ("digest", "moment", "expected"),
    [
        ("daily", "2026-11-25T06:59", "2026-11-25T07:00"),
        ("daily", "2026-11-25T07:01", "2026-11-26T07:00"),
        ("weekly", "2026-11-25T07:01", "2026-11-30T07:00"),
        ("weekly", "2026-11-30T07:00", "2026-11-30T07:00"),
        ("weekly", "2026-11-30T07:01", "2026-12-07T07:00"),
        ("daily", "2027-03-27T12:00", "2027-03-28T06:00"),  # summer time began in that night
    ],
)
def test_a_digest_comes_at_its_local_hour(digest: str, moment: str, expected: str) -> None:
    assert next_digest(utc(moment), BERLIN, Times(digest=digest)) == utc(expected)  # type: ignore[arg-type]


def test_a_mail_waits_for_the_first_working_day_the_digest_and_the_morning() -> None:
    now = utc("2026-11-25T10:00")

    def moment(times: Times, *, is_urgent: bool = False, first_day: date | None = None) -> datetime:
        return mail_moment(now, now, BERLIN, times, is_urgent=is_urgent, first_day=first_day)

    assert moment(USUAL) == now
    assert moment(USUAL, first_day=date(2026, 12, 1)) == utc("2026-12-01T06:00")
    assert moment(NEVER, first_day=date(2026, 12, 1)) == utc("2026-11-30T23:00"), "midnight there"
    assert moment(Times(digest="daily"), first_day=date(2026, 12, 1)) == utc("2026-12-01T07:00")
    assert moment(Times(digest="daily")) == utc("2026-11-26T07:00")
    assert moment(Times(digest="weekly"), is_urgent=True) == now
    # A Saturday's digest in a quiet weekend comes on Monday morning; what is urgent comes on Saturday.
    saturday = utc("2026-11-28T10:00")
    told = {"zone": BERLIN, "first_day": None}
    assert mail_moment(saturday, saturday, times=USUAL, is_urgent=False, **told) == utc("2026-11-30T06:00")
    assert mail_moment(saturday, saturday, times=USUAL, is_urgent=True, **told) == saturday
    # The worker was away at the hour of the digest and comes back at night.
    assert mail_moment(now, utc("2026-11-26T21:00"), times=Times(digest="daily"), is_urgent=False, **told) == utc(
        "2026-11-27T06:00"
    )


@pytest.mark.parametrize(
    ("days_left", "known_days_before", "expected"),
    [
        (15, 40, None),
        (14, 40, 14),
        (10, 40, 14),  # nobody looked on the day
        (7, 40, 7),
        (2, 40, 7),
        (1, 40, 1),
        (0, 40, 1),
        (-1, 40, None),
        (10, 10, None),  # assigned today: that is told anyway
        (10, 12, None),  # assigned after the fortnight's mark
        (7, 10, 7),
    ],
)
def test_a_reminder_comes_once_a_step_and_none_beside_the_assignment(
    days_left: int, known_days_before: int, expected: int | None
) -> None:
    today = date(2026, 11, 25)
    due = today + timedelta(days=days_left)
    assert before_due(due, today, due - timedelta(days=known_days_before)) == expected


@pytest.mark.parametrize(
    ("late", "week"), [(0, None), (1, 1), (7, 1), (8, 2), (15, 3), (22, 4), (28, 4), (29, None), (400, None)]
)
def test_overdue_is_told_weekly_and_not_for_ever(late: int, week: int | None) -> None:
    today = date(2026, 11, 25)
    assert overdue_week(today - timedelta(days=late), today) == week


def test_what_must_be_seen_is_shown_whatever_was_chosen_and_mail_is_everybodys_own_choice() -> None:
    none = Choice(app=False, mail=False)
    assert channels("overdue", none) == Choice(app=True, mail=False)
    assert channels("enrolled", none) == none
    assert channels("waitlisted", None) == Choice(app=True, mail=False)
    assert all(kind.app for kind in KINDS.values())


def test_pauses_grow_to_four_hours() -> None:
    assert [pause_minutes(n) for n in (1, 2, 3, 9, 40)] == [1, 2, 4, 240, 240]
