"""A company in plain Python, and who of it sees whom by the words of docs/who-sees-whom.md."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import new_id
from api.identity.models import RoleGrant
from api.people.models import Delegation, DottedLine, EmploymentVersion

HIRED = date(2020, 1, 1)
GRANTED = ("creator", "officer", "hr_data", "auditor")
SCOPED = ("officer", "auditor")
TABLES = ("role_grant", "delegation", "dotted_line", "employment_version")


@dataclass(frozen=True)
class Member:
    person_id: uuid.UUID
    employment_id: uuid.UUID
    name: str
    email: str


@dataclass
class Structure:
    """Numbers stand for members and units; `manager[n]` may be anybody, circles and None included."""

    unit_parent: list[int | None]
    manager: list[int | None]
    unit: list[int]
    has_left: list[bool]
    roles: list[list[tuple[str, int | None]]]
    delegations: list[tuple[int, int, bool]] = field(default_factory=list)
    """(delegator, delegate, whether it is live)"""
    dotted: list[tuple[int, int, bool]] = field(default_factory=list)
    """(person, manager, whether it is live)"""

    @property
    def active(self) -> set[int]:
        return {n for n, left in enumerate(self.has_left) if not left}

    def below(self, top: int) -> set[int]:
        """Whose managers, one above the other, lead to `top`; who left still links those below to those above."""
        found = set()
        for n in self.active - {top}:
            seen, above = {n}, self.manager[n]
            while above is not None and above != top and above not in seen:
                seen.add(above)
                above = self.manager[above]
            if above == top:
                found.add(n)
        return found

    def led(self, manager: int) -> set[int]:
        dotted = {person for person, to, live in self.dotted if to == manager and live}
        return self.below(manager) | (dotted & self.active)

    def delegated(self, n: int) -> set[int]:
        live = {by for by, to, is_live in self.delegations if to == n and is_live} & self.active
        return set().union(*(self.led(by) for by in live)) - {n} if live else set()

    def in_units(self, tops: set[int]) -> set[int]:
        def is_in(unit: int | None) -> bool:
            return unit is not None and (unit in tops or is_in(self.unit_parent[unit]))

        return {n for n in self.active if is_in(self.unit[n])}

    def reached(self, n: int, *roles: str) -> set[int]:
        """By these roles, for all of the company or for units."""
        units = {unit for role, unit in self.roles[n] if role in roles}
        return self.active if None in units else self.in_units({unit for unit in units if unit is not None})

    def is_whole(self, n: int, *roles: str) -> bool:
        return any(role in roles and unit is None for role, unit in self.roles[n])

    def sees(self, n: int) -> set[int]:
        """In reports."""
        return self.led(n) | self.delegated(n) | self.reached(n, *SCOPED, "service")

    def with_outsider(self, grant: tuple[str, int | None]) -> "Structure":
        """One more account, the last, that is nobody's here: an external auditor's, or a service's."""
        return replace(
            self,
            manager=[*self.manager, None],
            unit=[*self.unit, 0],
            has_left=[*self.has_left, True],
            roles=[*self.roles, [grant]],
        )


@st.composite
def structures(draw: st.DrawFn, people: int, units: int) -> Structure:
    someone = st.integers(0, people - 1)
    unit_parent: list[int | None] = [None]
    unit_parent += [draw(st.integers(0, n - 1)) for n in range(1, units)]
    unit = st.integers(0, units - 1)
    grant = st.sampled_from(GRANTED).flatmap(
        lambda role: st.tuples(st.just(role), st.none() | unit if role in SCOPED else st.none())
    )
    pairs = st.tuples(someone, someone, st.booleans()).filter(lambda pair: pair[0] != pair[1])
    return Structure(
        unit_parent,
        draw(st.lists(st.none() | someone, min_size=people, max_size=people)),
        draw(st.lists(unit, min_size=people, max_size=people)),
        draw(st.lists(st.sampled_from([False, False, False, True]), min_size=people, max_size=people)),
        draw(st.lists(st.lists(grant, max_size=2, unique=True), min_size=people, max_size=people)),
        draw(st.lists(pairs, max_size=4, unique_by=lambda pair: pair[:2])),
        draw(st.lists(pairs, max_size=4, unique_by=lambda pair: pair[:2])),
    )


def outsiders(units: int) -> st.SearchStrategy[tuple[str, int | None]]:
    return st.tuples(st.sampled_from(["auditor", "service"]), st.none() | st.integers(0, units - 1))


@st.composite
def moves(draw: st.DrawFn, people: int, units: int) -> list[tuple[int, int | None, int, bool]]:
    """(who, new manager, new unit, whether they left meanwhile)"""
    someone = st.integers(0, people - 1)
    move = st.tuples(someone, st.none() | someone, st.integers(0, units - 1), st.booleans())
    return draw(st.lists(move, min_size=1, max_size=3, unique_by=lambda one: one[0]))


async def write(
    session: AsyncSession, told: Structure, members: list[Member], units: list[uuid.UUID], outsider: uuid.UUID
) -> None:
    """Make the database say what `told` says; whatever it said before is gone. The last account is the outsider's."""
    today, now = datetime.now(UTC).date(), datetime.now(UTC)
    for table in TABLES:
        await session.execute(text(f"delete from {table}"))
    for number, parent in enumerate(told.unit_parent):
        up = {"parent": units[parent] if parent is not None else None, "id": units[number]}
        await session.execute(text("update org_unit set parent_id = :parent where id = :id"), up)
    for n, member in enumerate(members):
        manager, left = told.manager[n], told.has_left[n]
        last = {"ended": today - timedelta(days=1) if left else None, "active": not left, "id": member.employment_id}
        await session.execute(text("update employment set ended_on = :ended where id = :id"), last)
        await session.execute(
            text("update account set is_active = :active where id = :p"), {**last, "p": member.person_id}
        )
        session.add(
            EmploymentVersion(
                employment_id=member.employment_id,
                valid_from=HIRED,
                valid_to=today if left else None,
                job_title="Analyst",
                org_unit_id=units[told.unit[n]],
                manager_id=members[manager].person_id if manager not in (None, n) else None,
            )
        )
    for account_id, roles in zip([*(member.person_id for member in members), outsider], told.roles, strict=True):
        for role, unit in set(roles):
            unit_id = units[unit] if unit is not None else None
            session.add(RoleGrant(account_id=account_id, role=role, org_unit_id=unit_id))
    for by, to, live in told.delegations:
        until = now + timedelta(days=1) if live else now - timedelta(minutes=1)
        session.add(
            Delegation(
                id=new_id(),
                delegator_id=members[by].person_id,
                delegate_id=members[to].person_id,
                valid_from=now - timedelta(days=1),
                valid_until=until,
            )
        )
    for person, manager, live in told.dotted:
        session.add(
            DottedLine(
                id=new_id(),
                person_id=members[person].person_id,
                manager_id=members[manager].person_id,
                valid_from=HIRED if live else today + timedelta(days=1),
            )
        )
