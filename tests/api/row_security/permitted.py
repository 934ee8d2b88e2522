"""Whom an answer may name, as the number of each person, by who asks and what the company looks like."""

from collections.abc import Callable

from tests.api.row_security.company import Structure

Rule = Callable[[Structure, int], set[int]]


def nobody(_: Structure, __: int) -> set[int]:
    return set()


def self_only(_: Structure, n: int) -> set[int]:
    return {n}


def seen(told: Structure, n: int) -> set[int]:
    return told.sees(n)


def seen_or_self(told: Structure, n: int) -> set[int]:
    """Requests to decide are of those whom one leads, or of those below a unit whom nobody leads; and one's own."""
    return told.sees(n) | {n}


def partners(told: Structure, n: int) -> set[int]:
    """Those who gave the caller a delegation, or got one."""
    return {n} | {other for pair in told.delegations for other in pair[:2] if n in pair[:2]}


def me_and_delegators(told: Structure, n: int) -> set[int]:
    return {n} | {by for by, to, live in told.delegations if to == n and live} & told.active


def granted(told: Structure, n: int) -> set[int]:
    """Roles are read by officers, auditors and HR data, as far as these reach."""
    return told.reached(n, "officer", "auditor", "hr_data") | (
        set(range(len(told.manager))) if told.is_whole(n, "officer", "auditor", "hr_data") else set()
    )


def officers(told: Structure, n: int) -> set[int]:
    """As far as the caller's role of an officer reaches; of extra time."""
    return told.reached(n, "officer") | (set(range(len(told.manager))) if told.is_whole(n, "officer") else set())


def officers_and_auditors(told: Structure, n: int) -> set[int]:
    whole = told.is_whole(n, "officer", "auditor")
    return told.reached(n, "officer", "auditor") | (set(range(len(told.manager))) if whole else set())


def officers_and_self(told: Structure, n: int) -> set[int]:
    return officers(told, n) | {n}


def lined(told: Structure, n: int) -> set[int]:
    """Dotted lines of people whom officers and HR data reach, with the managers they go to."""
    mine = told.reached(n, "officer", "hr_data")
    everybody = told.is_whole(n, "officer", "hr_data")
    return (
        mine
        | {to for person, to, _ in told.dotted if everybody or person in mine}
        | (granted(told, n) if everybody else set())
    )


def audited(told: Structure, n: int) -> set[int]:
    """The log speaks of the whole company, to officers and auditors of the whole company."""
    return set(range(len(told.manager))) if told.is_whole(n, "officer", "auditor") else set()


def co_authored(_: Structure, n: int) -> set[int]:
    """The caller's own courses only; in this company nobody writes with anybody."""
    return {n}


def fellows(told: Structure, n: int) -> set[int]:
    """In this company everybody learns the one course, and reads by name who says something about it."""
    return set(range(len(told.manager))) if n < len(told.manager) else set()


def authors(_: Structure, n: int) -> set[int]:
    """A course's page says whose it is; in this company the first one wrote it."""
    return {n, 0}


def whoever_reminded(told: Structure, n: int) -> set[int]:
    """A reminder says who sent it; they saw the person then, and may not any more, so it can be anybody."""
    return fellows(told, n)
