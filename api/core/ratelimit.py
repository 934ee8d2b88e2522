"""Rate limits: how much each caller may ask in a window that slides, counted together by all processes.

A process counts each caller by itself and settles with the store after every twentieth of a budget, so nineteen of
twenty requests pay no round trip. The error is known: each process lets through at most a twentieth more than the
budget. Budgets against guessing settle on every request and are exact.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import cast

import structlog
from limits.aio.storage import RedisStorage, SlidingWindowCounterSupport, Storage
from limits.errors import StorageError
from limits.storage import storage_from_string
from sqlalchemy.engine import URL

from api.core.errors import ProblemError
from api.core.ratelimit_postgres import PATIENCE_S, PostgresStorage, open_postgres
from api.core.ratelimit_rules import Budget, Window, budget
from api.core.settings import Settings

log = structlog.get_logger()
SETTLE_EVERY_S = 2.0
SWEEP_EVERY_S = 60.0
ALONE_FOR_S = 2.0
"""After a failure the store is left in peace for so long: a store that hangs must not slow down each request."""

MOST_CALLERS = 50_000
EVERYTHING = 2**31 - 1


class TooManyRequests(ProblemError):
    status = 429
    title = "Too many requests"

    @property
    def type(self) -> str:
        """As draft-ietf-httpapi-ratelimit-headers registers it."""
        return "https://iana.org/assignments/http-problem-types#quota-exceeded"

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.extensions["retry_after_s"])}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller has left of a budget."""

    budget: Budget
    remaining: int
    resets_in_s: int
    retry_after_s: int = 0

    @property
    def is_refused(self) -> bool:
        return self.retry_after_s > 0

    def headers(self) -> dict[str, str]:
        """Structured fields by draft-ietf-httpapi-ratelimit-headers-11."""
        name = self.budget.name.replace("_", "-")
        return {
            "RateLimit-Policy": f'"{name}";q={self.budget.quota};w={self.budget.span_s}',
            "RateLimit": f'"{name}";r={self.remaining};t={self.resets_in_s}',
        }

    def problem(self) -> TooManyRequests:
        return TooManyRequests(
            f"This budget is {self.budget.item}: wait {self.retry_after_s} s, then go on more slowly.",
            retry_after_s=self.retry_after_s,
            **{"violated-policies": [self.budget.name.replace("_", "-")]},
        )


@dataclass(slots=True)
class Caller:
    """What this process knows of one caller's budget: the store's windows at `seen_at`, and what came since."""

    budget: Budget
    seen_at: float
    window: Window | None = None
    pending: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def now(self, moment: float) -> Window:
        window = self.window or Window(0, 0, self.budget.span_s)
        return window.after(moment - self.seen_at, self.budget.span_s).plus(self.pending)

    def keep(self, window: Window, moment: float) -> None:
        self.window, self.seen_at = window, moment


class RateLimits:
    """One a process. Without a storage nothing is limited."""

    def __init__(
        self, budgets: dict[str, Budget], storage: Storage | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budgets, self.storage, self._clock = budgets, storage, clock
        self._callers: dict[str, Caller] = {}
        self._alone_until = 0.0
        self._swept_at = clock()

    async def take(self, name: str, *who: str) -> Answer | None:
        """Counts one request of this caller, or refuses it and counts nothing; None where nothing is limited."""
        if self.storage is None:
            return None
        known = self.budgets[name]
        key = known.item.key_for(name, *who)
        caller = self._callers.get(key)
        if caller is None:
            if len(self._callers) >= MOST_CALLERS:
                self._callers.clear()  # a flood of callers; the store knows them still
            caller = self._callers[key] = Caller(known, self._clock())
        if caller.window is not None and caller.pending + 1 < known.ahead:
            return self._decide(caller)
        async with caller.lock:
            if (answer := self._told(caller, quota=self._quota(known))).is_refused:
                return answer
            if known.is_guarded and (exact := await self._acquire(key, caller)):
                return exact
            caller.pending += 1
            await self._settle({key: caller})
            answer = self._told(caller, quota=self._quota(known), is_counted=True)
            if answer.is_refused:
                caller.pending -= 1  # another process was quicker
            return answer

    async def _acquire(self, key: str, caller: Caller) -> Answer | None:
        """Decided by the store in one step; None where it is away."""
        quota, span = caller.budget.quota, caller.budget.span_s
        if self._is_alone or self.storage is None:
            return None
        try:
            windows = cast(SlidingWindowCounterSupport, self.storage)
            fits = await windows.acquire_sliding_window_entry(key, quota, span)
            found = await windows.get_sliding_window(key, span)
        except _away(self.storage) as error:
            self._leave_alone(error)
            return None
        caller.keep(_window(*found, span), self._clock())
        answer = self._told(caller, quota=quota)
        return replace(answer, retry_after_s=0 if fits else max(1, answer.retry_after_s))

    async def give_back(self, name: str, *who: str) -> None:
        """The last request of this caller costs nothing after all."""
        if self.storage is None:
            return
        key = self.budgets[name].item.key_for(name, *who)
        if (caller := self._callers.get(key)) is not None:
            async with caller.lock:
                caller.pending -= 1
                await self._settle({key: caller})

    def _quota(self, known: Budget) -> int:
        return known.quota_alone if self._is_alone else known.quota

    @property
    def _is_alone(self) -> bool:
        return self._clock() < self._alone_until

    def _decide(self, caller: Caller) -> Answer:
        quota = self._quota(caller.budget)
        answer = self._told(caller, quota=quota)
        if answer.is_refused:
            return answer
        caller.pending += 1
        return self._told(caller, quota=quota, is_counted=True)

    def _told(self, caller: Caller, *, quota: int, is_counted: bool = False) -> Answer:
        """Whether one more fits, or where it `is_counted` already, whether it fitted."""
        span = caller.budget.span_s
        window = caller.now(self._clock())
        used = window.used(span)
        fits = used <= quota if is_counted else used < quota
        wait = 0 if fits else window.wait_s(quota, span)
        return Answer(caller.budget, max(0, quota - used), max(1, round(window.left_s)), wait)

    async def _settle(self, callers: dict[str, Caller]) -> None:
        """Tell the store what was let through, and learn what all processes did. Alone, what is known here counts."""
        moment = self._clock()
        asked = [(key, caller.budget.span_s, caller.pending) for key, caller in callers.items()]
        for caller in callers.values():
            caller.keep(caller.now(moment), moment)
            caller.pending = 0
        if self._is_alone:
            return
        assert self.storage is not None
        try:
            found = await _count(self.storage, asked)
        except _away(self.storage) as error:
            self._leave_alone(error)
            return
        for key, window in found.items():
            callers[key].keep(window, self._clock())

    def _leave_alone(self, error: Exception) -> None:
        self._alone_until = self._clock() + ALONE_FOR_S
        log.warning("rate limit store away", error=repr(error), alone_for_s=ALONE_FOR_S)

    async def run(self) -> None:
        """Settles what waits, so that the others soon know, and forgets who hasn't come for two windows."""
        while True:
            await asyncio.sleep(SETTLE_EVERY_S)
            await self.tidy()

    async def tidy(self) -> None:
        waiting = {key: caller for key, caller in self._callers.items() if caller.pending and not caller.lock.locked()}
        if waiting:
            await self._settle(waiting)
        self._forget_old()
        if self._clock() - self._swept_at > SWEEP_EVERY_S and isinstance(self.storage, PostgresStorage):
            self._swept_at = self._clock()
            with contextlib.suppress(*_away(self.storage)):
                await self.storage.sweep()

    def _forget_old(self) -> None:
        moment = self._clock()
        self._callers = {
            key: caller
            for key, caller in self._callers.items()
            if caller.pending or moment - caller.seen_at < 2 * caller.budget.span_s
        }


def _away(storage: Storage) -> tuple[type[Exception], ...]:
    """What a store raises that can't be asked now."""
    own = storage.base_exceptions
    return (StorageError, TimeoutError, *(own if isinstance(own, tuple) else (own,)))


async def _count(storage: Storage, asked: list[tuple[str, int, int]]) -> dict[str, Window]:
    if isinstance(storage, PostgresStorage):
        told = await storage.count(asked)
    else:
        assert isinstance(storage, RedisStorage)
        told = {}
        async with asyncio.timeout(PATIENCE_S):
            for key, span, amount in asked:
                await storage.acquire_sliding_window_entry(key, EVERYTHING, span, amount)
                told[key] = await storage.get_sliding_window(key, span)
    span_of = {key: span for key, span, _ in asked}
    return {key: _window(*found, span_of[key]) for key, found in told.items()}


def _window(previous: int, _previous_ttl: float, current: int, current_ttl: float, span: int) -> Window:
    return Window(previous, current, current_ttl - span if current_ttl > 0 else float(span))


def budgets(settings: Settings) -> dict[str, Budget]:
    """As configured; ValueError names a setting that can't be read."""
    told = {
        "sign_in": settings.rate_sign_in,
        "token": settings.rate_token,
        "clients": settings.rate_clients,
        "search": settings.rate_search,
        "engagement": settings.rate_engagement,
        "reports": settings.rate_reports,
        "uploads": settings.rate_uploads,
        "requests": settings.rate_requests,
    }
    return {name: budget(name, value, is_guarded=name == "sign_in") for name, value in told.items()}


@asynccontextmanager
async def rate_limits(settings: Settings, url: URL) -> AsyncIterator[RateLimits]:
    """Over the store that PRAXIS_RATE_LIMITS names; at the end the others are told what this process let through."""
    storage: Storage | None = None
    if settings.rate_limits == "postgres":
        storage = await open_postgres(url)
    elif settings.rate_limits != "off":
        address = f"async+{settings.rate_limits}"
        timeouts = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
        storage = cast(
            Storage, storage_from_string(address, implementation="redispy", wrap_exceptions=True, **timeouts)
        )
    limits = RateLimits(budgets(settings), storage)
    task = asyncio.create_task(limits.run())
    try:
        yield limits
    finally:
        task.cancel()
        if storage is not None:
            await limits.tidy()
        if isinstance(storage, PostgresStorage):
            await storage.close()
