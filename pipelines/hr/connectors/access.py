"""The ways in: a password, a key, a token that is exchanged and expires."""

import base64
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from pipelines.hr.connectors.base import Unreachable

EARLY_S = 60


class Basic:
    """A user and a password; there is nothing to renew."""

    def __init__(self, user: str, password: str) -> None:
        self._header = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def headers(self) -> dict[str, str]:
        return {"Authorization": self._header}

    def renew(self) -> bool:
        return False


class Exchanged:
    """A bearer token got by `exchange`, kept until it ends or is refused."""

    def __init__(self, name: str, exchange: Callable[[httpx.Client], httpx.Response], token_of: Any = None) -> None:
        self._name, self._exchange = name, exchange
        self._token_of = token_of or (lambda told: (told["access_token"], float(told.get("expires_in", 3600))))
        self._token, self._until = "", 0.0
        self._lock = threading.Lock()

    def headers(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._token, lasts = self._fetch()
                self._until = time.monotonic() + max(lasts - EARLY_S, lasts / 2)
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        self._until = 0.0
        return True

    def _fetch(self) -> tuple[str, float]:
        """Once: what passes by itself is for the request that needs the token to try again."""
        with httpx.Client(timeout=30) as client:
            response = self._exchange(client)
        if response.status_code in (400, 401, 403):
            raise Unreachable(f"{self._name} gives no token ({response.status_code}): check its client and secret.")
        if not response.is_success:
            raise httpx.TransportError(f"no token: {response.status_code}")
        try:
            token, lasts = self._token_of(response.json())
        except (KeyError, TypeError) as error:
            raise Unreachable(f"{self._name}: its answer to our asking for a token has none.") from error
        return str(token), lasts
