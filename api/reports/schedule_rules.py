"""When a schedule is due, by the clock of its owner, and when what failed is tried again: plain values."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PAUSES_MIN = (1, 5, 20, 60, 240)
"""Before each further attempt; after the last one it is given up."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Each day; or each week on `weekday` (1 is Monday); or each month on `day`, which is the last day of a month that
    has fewer.
    """

    at: time
    zone: ZoneInfo
    weekday: int | None = None
    day: int | None = None

    def fits(self, on: date) -> bool:
        if self.weekday:
            return on.isoweekday() == self.weekday
        return not self.day or on.day == min(self.day, monthrange(on.year, on.month)[1])

    def moment(self, on: date) -> datetime:
        """A time that the change to summer skips is an hour later; of one that comes twice in autumn, the first."""
        return datetime.combine(on, self.at, self.zone).astimezone(UTC)


def next_due(rhythm: Rhythm, after: datetime) -> datetime:
    """The first moment later than `after`; what was missed until then is not made up for one by one."""
    on = after.astimezone(rhythm.zone).date()
    while not (rhythm.fits(on) and rhythm.moment(on) > after):
        on += timedelta(days=1)
    return rhythm.moment(on)


def pause(attempts: int) -> timedelta | None:
    """Before trying again after so many failures; None: no more."""
    return timedelta(minutes=PAUSES_MIN[attempts - 1]) if attempts <= len(PAUSES_MIN) else None
