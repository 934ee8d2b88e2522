"""Who is signed in here: tokens of the authorization server, kept in this process, named by a random cookie.

After a restart nobody is known; the browser is sent to the authorization server, where the person still is signed in,
and comes back without noticing. Several processes need a proxy that keeps a browser at one of them, as Streamlit does.
"""

import hashlib
import secrets
import threading
import time

from dashboards import sign_in
from dashboards.client import ApiAway, ApiProblem
from dashboards.sign_in import Site, Tokens

LOOK_AGAIN_S = 4.0
"""How long a sign-off elsewhere may go unnoticed here; the API itself notices within two seconds."""

KEPT_S = 86_400
"""Longer than a browser stays signed in at the authorization server; then nobody asks for it any more."""


class SessionEnded(ApiProblem):
    """Signed off here or elsewhere, or the account was closed."""

    def __init__(self) -> None:
        super().__init__(401, "You are signed out", "Sign in again to go on.")


class Session:
    """One signed-in browser. Its methods ask the authorization server now and then, so not in an event loop."""

    def __init__(self, site: Site, tokens: Tokens) -> None:
        self.site, self.tokens, self.scopes = site, tokens, tokens.scopes
        self.name = secrets.token_hex(8)
        """Not secret: tells a page whether it is still the same person's."""
        self.began_at = self._looked_at = time.monotonic()
        self.is_over = False
        self._lock = threading.Lock()

    def access_token(self) -> str:
        """Renewed when it is due. SessionEnded, or ApiAway where it has expired and nobody answers."""
        with self._lock:
            return self._good().access

    def check(self) -> None:
        """SessionEnded where it ended anywhere, as was asked within the last seconds; ApiAway where nobody can say."""
        with self._lock:
            tokens = self._good()
            if time.monotonic() - self._looked_at < LOOK_AGAIN_S:
                return
            self._looked_at = time.monotonic()
            try:
                scopes = sign_in.usable_scopes(self.site, tokens)
            except ApiAway:
                return  # as good as the token, which expires within minutes
            if scopes is None:
                self._end()
            else:
                self.scopes = scopes

    @property
    def may_enter(self) -> bool:
        return self.site.needs is None or self.site.needs in self.scopes

    def _good(self) -> Tokens:
        if self.is_over:
            raise SessionEnded
        if time.time() > self.tokens.renew_at:
            try:
                renewed = sign_in.renew(self.site, self.tokens)
            except ApiAway:
                if time.time() > self.tokens.expires_at:
                    raise
                return self.tokens
            if renewed is None:
                self._end()
            else:
                self.tokens, self.scopes = renewed, renewed.scopes
        return self.tokens

    def _end(self) -> None:
        self.is_over = True
        raise SessionEnded


class Sessions:
    """Of one process and one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._known: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def add(self, tokens: Tokens) -> str:
        """The secret for the cookie; always a new one, so that nobody can plant one beforehand (session fixation)."""
        secret, horizon = secrets.token_urlsafe(32), time.monotonic() - KEPT_S
        with self._lock:
            self._known = {k: s for k, s in self._known.items() if not s.is_over and s.began_at > horizon}
            self._known[_hash(secret)] = Session(self.site, tokens)
        return secret

    def find(self, secret: str | None) -> Session | None:
        return self._known.get(_hash(secret)) if secret else None

    def end(self, secret: str | None) -> Session | None:
        """Nobody comes in by this cookie any more; the session that it named."""
        with self._lock:
            ended = self._known.pop(_hash(secret), None) if secret else None
        if ended:
            ended.is_over = True
        return ended


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
