"""Who is signed in here: tokens of the authorization server, kept in this process, named by a random cookie.

After a restart nobody is known; the browser is sent to the authorization server, where the person still is signed in,
and comes back without noticing. Several processes need a proxy that keeps a browser at one of them, as Streamlit does.
"""

import hashlib
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dashboards.client import api_url, http_options

FLOW_TTL_S = 600
RENEW_BEFORE_S = 60
LOOK_AGAIN_S = 5.0
"""How long a sign-off elsewhere may go unnoticed here; the API itself notices within two seconds."""


class SignInRefused(Exception):
    """The authorization server's answer is not one to trust, or it said no; the text is for the person."""


@dataclass(frozen=True)
class Site:
    """A site of ours that people sign in to: a client of the authorization server."""

    client_id: str
    url: str
    scopes: tuple[str, ...]
    needs: str | None = None
    """A scope without which nobody comes in: it is given only to those who have a role for it."""

    @property
    def callback(self) -> str:
        return f"{self.url}/sign-in/callback"

    @property
    def secret(self) -> str:
        """From the environment, from the file that it names, or from the one that the API made at its first start."""
        name = f"{self.client_id.upper().replace('-', '_')}_SECRET"
        home = Path(os.environ.get("PRAXIS_HOME", "data/local"))
        file = os.environ.get(f"{name}_FILE") or home / "secrets" / f"client_{self.client_id}"
        return os.environ.get(name) or Path(file).read_text().strip()


def issuer() -> str:
    """The authorization server as a browser reaches it."""
    return os.environ.get("PRAXIS_PUBLIC_URL", api_url()).rstrip("/")


@dataclass
class Flow:
    """One sign-in on its way."""

    state: str
    nonce: str
    verifier: str
    following: str
    began: float


@dataclass
class Session:
    """One signed-in browser."""

    site: Site
    tokens: dict[str, Any]
    looked_at: float = 0.0
    is_over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def access_token(self) -> str | None:
        """A token that is good for another minute at least; None once the sign-in has ended."""
        with self.lock:
            if not self.is_over and self.tokens["expires_at"] - time.time() < RENEW_BEFORE_S:
                self._renew()
            return None if self.is_over else str(self.tokens["access_token"])

    def _renew(self) -> None:
        try:
            with _client(self.site, token=self.tokens) as client:
                renewed = client.refresh_token(f"{api_url()}/oauth/token", refresh_token=self.tokens["refresh_token"])
                self.tokens = {**self.tokens, **renewed}
        except httpx.TransportError:
            return  # the API is away: its old token will do until it is back, or not
        except Exception:  # Authlib has one error a library; each means no
            self.is_over = True

    def is_live(self) -> bool:
        """Whether the sign-in is good now, as the authorization server said within the last seconds."""
        token = self.access_token()
        if token is None or time.monotonic() - self.looked_at < LOOK_AGAIN_S:
            return token is not None
        try:
            auth = (self.site.client_id, self.site.secret)
            told = httpx.post(f"{api_url()}/oauth/introspect", data={"token": token}, auth=auth, **http_options())
            self.is_over = self.is_over or (told.is_success and not told.json()["active"])
        except httpx.TransportError:
            pass  # nothing can be read without the API either
        self.looked_at = time.monotonic()
        return not self.is_over

    @property
    def may_enter(self) -> bool:
        return self.site.needs is None or self.site.needs in self.tokens["scope"].split()


def _client(site: Site, **options: Any) -> OAuth2Client:
    return OAuth2Client(
        site.client_id,
        site.secret,
        scope=" ".join(site.scopes),
        redirect_uri=site.callback,
        code_challenge_method="S256",
        **http_options(),
        **options,
    )


class Sessions:
    """Of one process and one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._flows: dict[str, Flow] = {}
        self._known: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def begin(self, following: str) -> tuple[str, str]:
        """(address to send the browser to, secret for its cookie) of a new sign-in."""
        flow = Flow(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), following, time.time()
        )
        binding = secrets.token_urlsafe(24)
        with self._lock:
            self._flows = {k: f for k, f in self._flows.items() if f.began > time.time() - FLOW_TTL_S}
            self._flows[binding] = flow
        asked = {
            "response_type": "code",
            "client_id": self.site.client_id,
            "redirect_uri": self.site.callback,
            "scope": " ".join(self.site.scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": create_s256_code_challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        return f"{issuer()}/oauth/authorize?{urlencode(asked)}", binding

    def finish(self, binding: str, answer: dict[str, str]) -> tuple[str, str] | None:
        """(secret for the session's cookie, where to go on); None where this browser began no such sign-in."""
        with self._lock:
            flow = self._flows.pop(binding, None)
        if flow is None or not secrets.compare_digest(flow.state, answer.get("state", "")):
            return None
        if answer.get("iss") != issuer():
            raise SignInRefused("The answer came from another authorization server.")
        if "code" not in answer:
            raise SignInRefused("You were not signed in.")
        try:
            with _client(self.site) as client:
                tokens = client.fetch_token(
                    f"{api_url()}/oauth/token", code=answer["code"], code_verifier=flow.verifier
                )
                keys = KeySet.import_key_set(client.get(f"{api_url()}/oauth/jwks", withhold_token=True).json())
            self._check(tokens["id_token"], keys, flow)
        except httpx.TransportError as error:
            raise SignInRefused("Praxis is not answering. Try again in a moment.") from error
        except (JoseError, ValueError, KeyError) as error:
            raise SignInRefused("The answer could not be verified.") from error
        secret = secrets.token_urlsafe(32)
        with self._lock:
            self._known = {k: s for k, s in self._known.items() if not s.is_over}
            self._known[_hash(secret)] = Session(self.site, dict(tokens), looked_at=time.monotonic())
        return secret, flow.following

    def _check(self, id_token: str, keys: KeySet, flow: Flow) -> None:
        claims = jwt.decode(id_token, keys, algorithms=["EdDSA"]).claims
        rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer()},
            aud={"essential": True, "value": self.site.client_id},
            nonce={"essential": True, "value": flow.nonce},
            exp={"essential": True},
        )
        rules.validate(claims)

    def find(self, secret: str | None) -> Session | None:
        found = self._known.get(_hash(secret)) if secret else None
        return found if found and not found.is_over else None

    def end(self, secret: str | None) -> str:
        """Where to send a browser that signs off: the authorization server ends it everywhere, and sends it back."""
        session = self._known.pop(_hash(secret), None) if secret else None
        asked = {"client_id": self.site.client_id, "post_logout_redirect_uri": f"{self.site.url}/signed-out"}
        if session:
            session.is_over = True
            asked["id_token_hint"] = session.tokens["id_token"]
        return f"{issuer()}/oauth/logout?{urlencode(asked)}"


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
