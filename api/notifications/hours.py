"""When mail may come, by the clock where the reader is: plain values in, moments out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Digest = Literal["off", "daily", "weekly"]
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Times:
    """Local wall-clock times. Quiet from 20:00 to 07:00 and at weekends, unless a person says otherwise."""

    digest: Digest = "off"
    digest_at: time = time(8)
    quiet_from: time | None = time(20)
    quiet_to: time | None = time(7)
    is_weekend_quiet: bool = True


def _local(day: date, clock: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment later than `after` at which that wall clock shows `clock` on `day`; a time that the change to
    summer is missing is an hour later, of one that comes twice in autumn the first that isn't over.
    """
    found = datetime.combine(day, clock, zone).astimezone(UTC)
    if found <= after:
        found = datetime.combine(day, clock.replace(fold=1), zone).astimezone(UTC)
    return found


def _night_ends(clock: time, day: date, times: Times) -> date | None:
    """The day on whose morning the quiet hours end that `clock` is in; None where it is in none."""
    start, end = times.quiet_from, times.quiet_to
    if start is None or end is None or start == end:
        return None
    if start < end:
        return day if start <= clock < end else None
    if clock >= start:
        return day + timedelta(days=1)
    return day if clock < end else None


def quiet_until(moment: datetime, zone: ZoneInfo, times: Times, *, is_urgent: bool = False) -> datetime:
    """The first moment from `moment` on that isn't quiet; what is urgent waits for the morning, not for Monday."""
    for _ in range(5):  # night, weekend, and the night before Monday
        local = moment.astimezone(zone)
        clock, day = local.time(), local.date()
        if morning := _night_ends(clock, day, times):
            moment = _local(morning, times.quiet_to or time(0), zone, moment)
        elif times.is_weekend_quiet and not is_urgent and day.weekday() >= SATURDAY:
            moment = _local(day + timedelta(days=7 - day.weekday()), time(0), zone, moment)
        else:
            break
    return moment


def next_digest(moment: datetime, zone: ZoneInfo, times: Times) -> datetime:
    """The first digest from `moment` on: each day, or each Monday."""
    day = moment.astimezone(zone).date()
    for later in range(9):
        on = day + timedelta(days=later)
        if times.digest == "weekly" and on.weekday() != 0:
            continue
        found = datetime.combine(on, times.digest_at, zone).astimezone(UTC)
        if found >= moment:
            return found
    return moment


def mail_moment(
    created: datetime, now: datetime, zone: ZoneInfo, times: Times, *, is_urgent: bool, first_day: date | None
) -> datetime:
    """When the mail about something of `created` may go, asked at `now`. Later than `now`: it waits until then.

    `first_day` is the first working day of somebody who hasn't begun: until its midnight nothing happens.
    """
    if first_day is not None:
        created = max(created, datetime.combine(first_day, time(0), zone).astimezone(UTC))
    wanted = created if is_urgent or times.digest == "off" else next_digest(created, zone, times)
    return quiet_until(max(wanted, now), zone, times, is_urgent=is_urgent)
