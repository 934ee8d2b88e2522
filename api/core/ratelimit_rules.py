"""Budgets of requests and the arithmetic of a sliding window: plain values, no I/O."""

import math
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from limits import RateLimitItem, parse

UNLIMITED = ("/health/", "/static/", "/static-offline-docs/", "/media/", "/package-files/")
"""Probes, and files that a page asks for by the dozen; links to /media are signed by a request that counts."""

EVERYTHING_ELSE = "requests"
UPLOADS = ("/upload-video", "/upload-material")
GUESSED = {"/sign-in", "/account/password"}
BUDGET_OF_PATH = {
    "/oauth/token": "token",
    "/oauth/introspect": "clients",
    "/oauth/revoke": "clients",
    "/engagement": "engagement",
    "/team-progress": "reports",
    "/compliance-report": "reports",
    "/course-analytics": "reports",
    "/audit-log": "reports",
}

AHEAD = 20
"""A process may let through a twentieth of a budget before it asks what the others let through."""

ALONE = 4
"""While nobody can be asked, a process gives only this part of a budget against guessing."""


@dataclass(frozen=True, slots=True)
class Budget:
    """So many requests in so long. `is_guarded`: against guessing, so exact, and what succeeds costs nothing."""

    name: str
    item: RateLimitItem
    is_guarded: bool = False

    @property
    def quota(self) -> int:
        return self.item.amount

    @property
    def span_s(self) -> int:
        return self.item.get_expiry()

    @property
    def ahead(self) -> int:
        """How many requests a process counts by itself before it settles with the store."""
        return 1 if self.is_guarded else max(1, self.quota // AHEAD)

    @property
    def quota_alone(self) -> int:
        return max(1, self.quota // ALONE) if self.is_guarded else self.quota


def budget(name: str, told: str, *, is_guarded: bool = False) -> Budget:
    """From a setting such as `60/minute` or `100/15 minutes`; ValueError names the setting."""
    try:
        item = parse(told)
    except ValueError as error:
        raise ValueError(f"PRAXIS_RATE_{name.upper()}={told!r}: write it as 60/minute or 100/15 minutes.") from error
    return Budget(name, item, is_guarded)


def budget_of(method: str, path: str, query: str = "") -> str | None:
    """The name of the budget that a request draws on; None where it is not limited."""
    if path.startswith(UNLIMITED) or method == "OPTIONS":
        return None
    if path in GUESSED:
        return "sign_in" if method == "POST" else EVERYTHING_ELSE
    if path.startswith(UPLOADS):
        return "uploads"
    if path == "/courses":
        return "search" if parse_qs(query).get("search", [""])[0].strip() else EVERYTHING_ELSE
    return BUDGET_OF_PATH.get(path, EVERYTHING_ELSE)


@dataclass(frozen=True, slots=True)
class Window:
    """Counts of the window that runs and of the one before, as they are at one moment."""

    previous: int
    current: int
    left_s: float
    """Until the running window ends and the next begins."""

    def after(self, elapsed_s: float, span_s: float) -> "Window":
        """The same later, if nothing was counted meanwhile."""
        left = self.left_s - elapsed_s
        if left > 0:
            return replace(self, left_s=left)
        if left > -span_s:
            return Window(self.current, 0, left + span_s)
        return Window(0, 0, span_s - (-left % span_s))

    def plus(self, amount: int) -> "Window":
        return replace(self, current=max(0, self.current + amount))

    def used(self, span_s: float) -> int:
        """How much of a budget is gone: the window before counts by how much of it is in the last `span_s`."""
        return math.floor(self.previous * min(1.0, self.left_s / span_s)) + self.current

    def wait_s(self, quota: int, span_s: float) -> int:
        """Whole seconds until one more request fits, at least one."""
        free = quota - self.current
        if free > 0 and self.previous:
            return max(1, math.ceil(self.left_s - min(1.0, free / self.previous) * span_s + 0.001))
        if free > 0:
            return 1
        decayed = span_s - min(1.0, quota / max(1, self.current)) * span_s
        return max(1, math.ceil(self.left_s + decayed + 0.001))
