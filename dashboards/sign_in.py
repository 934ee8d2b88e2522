"""Signing in at the authorization server: a client's side of OAuth 2.0 with PKCE and of OpenID Connect.

Four forms and one signature, so httpx sends and joserfc verifies; Authlib's client for httpx is deprecated in favour of
another HTTP library. Each function asks the server once and keeps nothing.
"""

import json
import os
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dashboards.client import ApiAway, api_url, http_options

ALGORITHMS = ["EdDSA", "Ed25519"]
"""The same signature by its name of RFC 8037 and by that of RFC 9864."""

RENEW_AFTER = 0.8
"""Of an access token's life."""

ANSWER_WITHIN_S = 5
"""Every request behind a door waits for this."""


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
    def is_https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def secret(self) -> str:
        """From the environment, from the file that it names, or from the one that the API made at its first start."""
        name = f"{self.client_id.upper().replace('-', '_')}_SECRET"
        home = Path(os.environ.get("PRAXIS_HOME", "data/local"))
        file = os.environ.get(f"{name}_FILE") or home / "secrets" / f"client_{self.client_id}"
        return os.environ.get(name) or Path(file).read_text().strip()

    def cookie(self, what: str) -> str:
        """With the port in it: a browser sends the cookies of a host to all its ports, and several sites are there."""
        return f"{'__Host-' if self.is_https else ''}praxis_{what}_{urlsplit(self.url).port or 443}"


@dataclass(frozen=True)
class Flow:
    """One sign-in on its way, carried in a cookie that `state` names by the browser that began: no other can end it."""

    state: str
    nonce: str
    verifier: str
    following: str

    def packed(self) -> str:
        return urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def unpacked(cls, cookie: str | None) -> "Flow | None":
        """None for what isn't one of ours."""
        try:
            flow = cls(**json.loads(urlsafe_b64decode(cookie or "")))
        except (ValueError, TypeError):
            return None
        return flow if all(isinstance(value, str) for value in asdict(flow).values()) else None


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str
    identity: str
    """The ID token: names at sign-off whose session is meant."""
    scopes: frozenset[str]
    renew_at: float
    expires_at: float


def issuer() -> str:
    """The authorization server as a browser reaches it."""
    return os.environ.get("PRAXIS_PUBLIC_URL", api_url()).rstrip("/")


def begin(site: Site, following: str) -> tuple[str, Flow]:
    """Where to send the browser, and what it has to keep meanwhile."""
    flow = Flow(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), following)
    asked = {
        "response_type": "code",
        "client_id": site.client_id,
        "redirect_uri": site.callback,
        "scope": " ".join(site.scopes),
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": create_s256_code_challenge(flow.verifier),
        "code_challenge_method": "S256",
    }
    return f"{issuer()}/oauth/authorize?{urlencode(asked)}", flow


def finish(site: Site, flow: Flow, answer: dict[str, str]) -> Tokens:
    """The tokens for what the browser brought back; SignInRefused says why not, ApiAway that nobody answers."""
    if answer.get("iss") != issuer():
        raise SignInRefused("The answer came from another authorization server.")
    if "code" not in answer:
        raise SignInRefused("The authorization server did not let you in.")
    form = {"code": answer["code"], "redirect_uri": site.callback, "code_verifier": flow.verifier}
    given = _post(site, "/oauth/token", {"grant_type": "authorization_code", **form})
    if not given.is_success:
        raise SignInRefused("The authorization server did not accept this sign-in: it was used or took too long.")
    try:
        tokens = _tokens(given.json())
        _check(site, tokens.identity, flow.nonce)
    except (JoseError, ValueError, KeyError) as error:
        raise SignInRefused("The answer could not be verified.") from error
    return tokens


def renew(site: Site, tokens: Tokens) -> Tokens | None:
    """The next tokens; None where the sign-in has ended."""
    given = _post(site, "/oauth/token", {"grant_type": "refresh_token", "refresh_token": tokens.refresh})
    return _tokens({"id_token": tokens.identity, **given.json()}) if given.is_success else None


def usable_scopes(site: Site, tokens: Tokens) -> frozenset[str] | None:
    """What the viewer may do now; None where the sign-in has ended."""
    told = _post(site, "/oauth/introspect", {"token": tokens.access})
    said: dict[str, Any] = told.json() if told.is_success else {}
    return frozenset(said["scope"].split()) if said.get("active") else None


def sign_off_address(site: Site, tokens: Tokens | None) -> str:
    """Where to send a browser that signs off: the authorization server ends it everywhere, and sends it back."""
    asked = {"client_id": site.client_id, "post_logout_redirect_uri": f"{site.url}/signed-out"}
    if tokens:
        asked["id_token_hint"] = tokens.identity
    return f"{issuer()}/oauth/logout?{urlencode(asked)}"


def _post(site: Site, path: str, form: dict[str, str]) -> httpx.Response:
    try:
        answer = httpx.post(api_url() + path, data=form, auth=(site.client_id, site.secret), **_options())
    except httpx.TransportError as error:
        raise ApiAway from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise ApiAway
    return answer


def _options() -> dict[str, Any]:
    return {**http_options(), "timeout": ANSWER_WITHIN_S}


def _tokens(given: dict[str, Any]) -> Tokens:
    now, life = time.time(), float(given["expires_in"])
    scopes = frozenset(given["scope"].split())
    expiry = (now + RENEW_AFTER * life, now + life)
    return Tokens(given["access_token"], given["refresh_token"], given["id_token"], scopes, *expiry)


def _check(site: Site, id_token: str, nonce: str) -> None:
    """JoseError or ValueError unless it is signed by the authorization server, for this site and this very sign-in."""
    try:
        keys = httpx.get(f"{api_url()}/oauth/jwks", **_options()).raise_for_status().json()
    except httpx.HTTPError as error:
        raise ApiAway from error
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer()},
        aud={"essential": True, "value": site.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
    )
    rules.validate(jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims)
