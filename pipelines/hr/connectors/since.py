"""From where to ask for changes: the moment of the last answer, and the day on which everything was asked for.

Once a day everything: no vendor tells of a deleted record as a change, and what slipped through heals by itself.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

OVERLAP = timedelta(minutes=2)
"""Asked for again: a record that was being written while we asked carries an earlier moment. Twice changes nothing."""


@dataclass(frozen=True, slots=True)
class Since:
    moment: str
    whole_on: str

    @classmethod
    def of(cls, cursor: str | None, now: datetime) -> "Since | None":
        """None: ask for everything."""
        if not cursor or not cursor.startswith("{"):
            return None
        known = cls(**json.loads(cursor))
        return known if known.whole_on == now.date().isoformat() else None

    @classmethod
    def after(cls, clock: datetime | None, since: "Since | None", now: datetime) -> str:
        """The cursor for next time, by the vendor's clock."""
        moment = ((clock or now) - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps(asdict(cls(moment, since.whole_on if since else now.date().isoformat())))
