"""Asking another company's system over HTTP until it has answered whole, or saying why it didn't.

httpx, as everywhere in Praxis; what a retry must respect (Retry-After, an expired token, half a page) is told here
once for all vendors, reading and writing back alike.
"""

import email.utils
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import field_validator

from api.core.outbound import is_safe
from pipelines.hr.connectors import base
from pipelines.hr.connectors.base import Unreachable

ATTEMPTS = 6
PAUSE_S = 0.5
"""Before the second attempt; doubled each time."""
LONGEST_PAUSE_S = 120.0
TIMEOUT = httpx.Timeout(60, connect=10)
PASSING = {408, 425, 429, 500, 502, 503, 504}
UNTOUCHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
NOT_DONE = {408, 425, 429, 503}
"""After these nothing has happened: even what must not happen twice is asked for again."""


class Declined(Unreachable):
    """It answered that it won't: asking the same again is of no use."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class WebOptions(base.Options):
    """Of every connector that asks a web address."""

    url: str

    @field_validator("url")
    @classmethod
    def _is_safe(cls, given: str) -> str:
        if not is_safe(given, allow_loopback=True):
            raise ValueError("an https address without a password in it")
        return given.rstrip("/")


class Access(Protocol):
    """How requests show who asks."""

    def headers(self) -> dict[str, str]: ...

    def renew(self) -> bool:
        """Forget a token that was refused; False where there is nothing to renew."""


class Asker:
    """One system's address with our access to it. Addresses that it names itself must lie at its own host: our token
    goes nowhere else.
    """

    def __init__(self, name: str, url: str, access: Access) -> None:
        self.name, self.url, self.access = name, url, access
        self.clock: datetime | None = None
        """The system's own, of its first answer: changes are asked for by it, not by ours."""
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        return self.ask("GET", path, params=params)

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """The JSON it answered, None for nothing; Declined, or Unreachable after all attempts.

        A POST whose answer was lost was perhaps done: it is not sent again here. Who asked has to look first.
        """
        address = self._address(path)
        is_renewed = False
        problem = ""
        for attempt in range(ATTEMPTS):
            try:
                response = self._client.request(method, address, headers=self._headers(), **request)
                self.clock = self.clock or _clock_of(response)
                if response.status_code == 401 and not is_renewed and self.access.renew():
                    is_renewed = True
                    continue
                if response.status_code not in PASSING:
                    return self._content(response)
                problem, pause = f"answers {response.status_code}", _retry_after(response)
                is_lost = response.status_code not in NOT_DONE
            except httpx.TransportError as error:
                problem, pause = f"{type(error).__name__}: {error}", None
                is_lost = not isinstance(error, UNTOUCHED)
            except ValueError:
                problem, pause, is_lost = "its answer is cut off or is no JSON", None, True
            if method == "POST" and is_lost:
                raise Unreachable(f"{self.name}: {urlsplit(address).path} {problem}; perhaps it was done.")
            if attempt + 1 < ATTEMPTS:
                time.sleep(min(PAUSE_S * 2**attempt if pause is None else pause, LONGEST_PAUSE_S))
        raise Unreachable(f"{self.name}: {method} {urlsplit(address).path} {problem}, {ATTEMPTS} times.")

    def follow(self, first: str, params: dict[str, Any] | None, next_of: Any) -> Iterator[Any]:
        """Each page, as long as `next_of(page)` names another one."""
        page, seen = self.get(first, params), set()
        while True:
            yield page
            following = next_of(page)
            if not following:
                return
            if following in seen:
                raise Unreachable(f"{self.name}: its pages go in a circle at {urlsplit(following).path}.")
            seen.add(following)
            page = self.get(following)

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", **self.access.headers()}

    def _address(self, path: str) -> str:
        address = path if "://" in path else urljoin(f"{self.url}/", path) if path else self.url
        if urlsplit(address)[:2] != urlsplit(self.url)[:2]:
            raise Unreachable(f"{self.name} names an address at another host: {urlsplit(address).netloc}.")
        return address

    def _content(self, response: httpx.Response) -> Any:
        """Raises ValueError for half an answer."""
        status = response.status_code
        if status in (401, 403):
            raise Declined(f"{self.name} doesn't let us in ({status}): check its user and secret.", status)
        if not response.is_success:
            told = response.headers.get("X-BambooHR-Error-Message") or " ".join(response.text.split())[:300]
            raise Declined(f"{self.name}: {response.url.path} answers {status}: {told}".rstrip(": "), status)
        return response.json() if response.content.strip() else None


def _clock_of(response: httpx.Response) -> datetime:
    told = email.utils.parsedate_to_datetime(response.headers["Date"]) if "Date" in response.headers else None
    return (told or datetime.now(UTC)).astimezone(UTC)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, or a moment as HTTP writes it."""
    told = response.headers.get("Retry-After", "")
    if told.isdigit():
        return float(told)
    try:
        moment: datetime = email.utils.parsedate_to_datetime(told)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
