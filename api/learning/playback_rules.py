"""How much of what a player says it played is believed: plain values in, decisions out.

A session can't have played more than the time since it began allows. That time is spent as it is credited: a second of
film costs 1 / rate seconds, a page `PAGE_S`. Only what the session had not got yet costs anything, so the same said
twice, out of order or from two tabs changes nothing. docs/decisions/0012 says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FASTEST = 2.0
"""The highest rate of playing that our player offers, and the most that is believed."""
PAGE_S = 2.0
"""A page that was shown for less is not read, and reading one takes at least so long."""
GRACE_S = 5.0
"""The ways of messages take time, and clocks tick."""
LIFE = timedelta(hours=24)
"""A session earns no time after that; what it earned may be sent later."""
HEAD_START = timedelta(seconds=30)
"""Who says nothing of a session has one that began a heartbeat before the first event came."""
DEFAULT_MINIMUM = 95
TAIL_S = 1.0
"""Players stop a little before the end."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Claim:
    """One event: a span of seconds played at a rate; of a document, page n is the span (n - 1, n)."""

    span: Span
    rate: float = 1.0
    is_page: bool = False

    def cost(self, length: float, rate: float) -> float:
        return length * PAGE_S if self.is_page else length / rate

    @property
    def believed_rate(self) -> float:
        return min(self.rate, FASTEST)


@dataclass(slots=True)
class Session:
    """`spent_s`: of its time, at the rates that were claimed; `least_s`: at the fastest rate."""

    started_at: datetime
    covered: list[Span]
    spent_s: float = 0.0
    least_s: float = 0.0


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union, in order."""
    out: list[Span] = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        elif b > a:
            out.append((a, b))
    return out


def without(span: Span, known: Sequence[Span]) -> list[Span]:
    """What of `span` is not in `known`, which is merged."""
    at, end = span
    out = []
    for a, b in known:
        if b <= at or a >= end:
            continue
        if a > at:
            out.append((at, a))
        at = max(at, b)
    return [*out, (at, end)] if at < end else out


def length(spans: Iterable[Span]) -> float:
    return sum(b - a for a, b in spans)


def credit(session: Session, siblings: Sequence[Session], claims: Sequence[Claim], now: datetime) -> list[Span]:
    """What is believed of these claims, earliest places first; the session is charged for it.

    `siblings` are all live sessions of the same person, this one among them: those that began at or after any moment
    have together no more than the time since then, at the fastest rate. So many sessions at once get no more than one.
    """
    own = _earned(session.started_at, now) - session.spent_s
    shared = _shared(session, siblings, now)
    new: list[Span] = []
    for claim in sorted(claims, key=lambda one: one.span):
        for a, b in without(claim.span, session.covered):
            unit, least = claim.cost(1, claim.believed_rate), claim.cost(1, FASTEST)
            takes = max(0.0, min(b - a, own / unit, shared / least))
            if claim.is_page:
                takes = float(takes >= b - a)
            if takes <= 0:
                continue
            own, shared = own - takes * unit, shared - takes * least
            session.spent_s += takes * unit
            session.least_s += takes * least
            new.append((a, a + takes))
            session.covered = merged([*session.covered, new[-1]])
    return merged(new)


def _earned(since: datetime, now: datetime) -> float:
    return max(0.0, min(now - since, LIFE).total_seconds()) + GRACE_S


def _shared(session: Session, siblings: Sequence[Session], now: datetime) -> float:
    """The least that is left since any moment at which a session began, up to this one's beginning."""
    left, spent = float("inf"), 0.0
    for one in sorted(siblings, key=lambda one: one.started_at, reverse=True):
        spent += one.least_s
        if one.started_at <= session.started_at:
            left = min(left, (now - one.started_at).total_seconds() + GRACE_S - spent)
    return left


def video_percent(watched_s: float, duration_s: float, minimum: int | None = None) -> int:
    """100 once as much was played as the course asks for, else `DEFAULT_MINIMUM`; before that what was played."""
    if duration_s > 0 and 100 * (watched_s + TAIL_S) < (minimum or DEFAULT_MINIMUM) * duration_s:
        return min(99, int(100 * watched_s / duration_s))
    return 100


def pages_percent(read: int, pages: int) -> int:
    return min(100, 100 * read // pages) if pages else 0
