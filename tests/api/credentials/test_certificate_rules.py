"""How long a certificate holds, and what it is by then."""

from datetime import UTC, datetime, timedelta

import pytest

from api.credentials.rules import RENEWAL, State, begins_anew, expiry, normal_code, state_of

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("issued", "months", "ends"),
    [
        ("2026-11-28T09:00:00+00:00", 12, "2027-11-28T23:59:59+00:00"),
        ("2026-01-31T09:00:00+00:00", 1, "2026-02-28T23:59:59+00:00"),
        ("2024-02-29T09:00:00+00:00", 12, "2025-02-28T23:59:59+00:00"),
        ("2026-12-31T23:30:00-02:00", 24, "2029-01-01T23:59:59+00:00"),
        ("2026-08-31T00:00:00+00:00", 6, "2027-02-28T23:59:59+00:00"),
        ("2026-11-28T09:00:00+00:00", None, None),
    ],
)
def test_it_holds_to_the_end_of_a_day_so_many_calendar_months_later(
    issued: str, months: int | None, ends: str | None
) -> None:
    told = expiry(datetime.fromisoformat(issued), months)
    assert (told and told.isoformat()) == ends


@pytest.mark.parametrize(
    ("ends_in", "is_revoked", "is_renewed", "state"),
    [
        (None, False, False, "valid"),
        (DAY, False, False, "valid"),
        (-DAY, False, False, "expired"),
        (-DAY, False, True, "renewed"),
        (DAY, False, True, "renewed"),
        (DAY, True, True, "revoked"),
        (-DAY, True, False, "revoked"),
    ],
)
def test_the_worst_that_happened_to_it_is_told_first(
    ends_in: timedelta | None, is_revoked: bool, is_renewed: bool, state: State
) -> None:
    ends = None if ends_in is None else NOW + ends_in
    revoked = NOW - DAY if is_revoked else None
    assert state_of(expires_at=ends, revoked_at=revoked, is_renewed=is_renewed, now=NOW) == state


@pytest.mark.parametrize(
    ("ends_in", "is_revoked", "anew"),
    [
        (None, False, False),
        (RENEWAL + DAY, False, False),
        (RENEWAL, False, True),
        (-DAY, False, True),
        (None, True, True),
    ],
)
def test_the_course_begins_anew_near_the_end_or_once_it_was_taken_back(
    ends_in: timedelta | None, is_revoked: bool, anew: bool
) -> None:
    ends = None if ends_in is None else NOW + ends_in
    assert begins_anew(expires_at=ends, revoked_at=NOW if is_revoked else None, now=NOW) is anew


@pytest.mark.parametrize("typed", ["prx-7k2m-9qxd-41tb", "PRX7K2M9QXD41TB", "7k2m 9qxd 4ltb", "PRX-7K2M-9QXD-4ITB"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert normal_code(typed) == "PRX-7K2M-9QXD-41TB"
