"""When a schedule is due: month ends, leap years, and the two days on which clocks are changed."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from api.reports.schedule_rules import PAUSES_MIN, Rhythm, next_due, pause

UTC, BERLIN, NEW_YORK, APIA = "UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"


@pytest.mark.parametrize(
    ("rhythm", "zone", "after", "due"),
    [
        # at the very moment it is the next one
        ({"at": "07:00"}, UTC, "2026-11-28T06:59:59Z", "2026-11-28T07:00Z"),
        ({"at": "07:00"}, UTC, "2026-11-28T07:00Z", "2026-11-29T07:00Z"),
        # the owner's day, not that of UTC
        ({"at": "00:30"}, NEW_YORK, "2026-11-28T04:00Z", "2026-11-28T05:30Z"),
        ({"at": "07:00", "weekday": 1}, "Asia/Tokyo", "2026-11-28T12:00Z", "2026-11-29T22:00Z"),
        # weekly, also over the change of the clocks: the same hour there, another one in UTC
        ({"at": "07:00", "weekday": 1}, BERLIN, "2026-10-19T05:00Z", "2026-10-26T06:00Z"),
        ({"at": "07:00", "weekday": 7}, BERLIN, "2026-11-29T06:00Z", "2026-12-06T06:00Z"),
        # a time that is skipped in spring is an hour later that day, and right the day after
        ({"at": "02:30"}, BERLIN, "2026-03-28T12:00Z", "2026-03-29T01:30Z"),
        ({"at": "02:30"}, BERLIN, "2026-03-29T01:30Z", "2026-03-30T00:30Z"),
        ({"at": "02:30"}, NEW_YORK, "2026-03-08T05:00Z", "2026-03-08T07:30Z"),
        # one that comes twice in autumn is the first, once
        ({"at": "02:30"}, BERLIN, "2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        ({"at": "02:30"}, BERLIN, "2026-10-25T00:30Z", "2026-10-26T01:30Z"),
        # the 31st is the last day of each month
        ({"at": "06:00", "day": 31}, UTC, "2026-01-31T06:00Z", "2026-02-28T06:00Z"),
        ({"at": "06:00", "day": 31}, UTC, "2026-02-28T06:00Z", "2026-03-31T06:00Z"),
        ({"at": "06:00", "day": 31}, UTC, "2026-03-31T06:00Z", "2026-04-30T06:00Z"),
        ({"at": "06:00", "day": 31}, UTC, "2026-12-31T06:00Z", "2027-01-31T06:00Z"),
        # 29 February, where there is one
        ({"at": "06:00", "day": 29}, UTC, "2028-02-01T00:00Z", "2028-02-29T06:00Z"),
        ({"at": "06:00", "day": 30}, UTC, "2028-02-29T06:00Z", "2028-03-30T06:00Z"),
        ({"at": "06:00", "day": 29}, UTC, "2027-01-29T06:00Z", "2027-02-28T06:00Z"),
        ({"at": "06:00", "day": 1}, UTC, "2028-02-29T23:59Z", "2028-03-01T06:00Z"),
        # a day that a country left out is due a day later, by the clock there
        ({"at": "07:00"}, APIA, "2011-12-29T17:00Z", "2011-12-30T17:00Z"),
    ],
)
def test_the_next_due_time_by_the_owners_clock(rhythm: dict[str, str | int], zone: str, after: str, due: str) -> None:
    told = {**rhythm, "at": time.fromisoformat(str(rhythm["at"]))}
    found = next_due(Rhythm(zone=ZoneInfo(zone), **told), datetime.fromisoformat(after))  # type: ignore[arg-type]
    assert found == datetime.fromisoformat(due)


def test_what_failed_is_tried_again_after_longer_and_longer_pauses_until_it_is_given_up() -> None:
    pauses = [pause(n) for n in range(1, len(PAUSES_MIN) + 2)]
    assert pauses[-1] is None
    told = [one.total_seconds() for one in pauses if one]
    assert (len(told), told) == (len(PAUSES_MIN), sorted(told))
