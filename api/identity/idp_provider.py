"""The company's own OpenID provider over HTTP: what it says of itself, its keys, and tokens of it that can be trusted.

Authlib's client speaks OAuth 2.0, joserfc checks the tokens; both know the standards' corners better than we would.
"""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry

from api.core.errors import ProblemError, Unavailable
from api.core.outbound import TIMEOUT, WITHIN_S, Leash, is_safe
from api.core.settings import Settings
from api.identity.idp_config import Company
from api.identity.tokens import header_of

log = structlog.get_logger()
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures by the provider's private key only: never `none`, never HMAC, whose key would be something public."""

LEEWAY_S = 60
OLDEST_S = 600
"""How long ago a token may have been issued to be a fresh answer."""

DOCUMENT_TTL_S = 3600.0
TRY_AGAIN_S = 5.0
KEYS_AGAIN_S = 30.0
"""An unknown key id makes us look for new keys, but nobody can make us ask all the time."""

LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class CompanyUnreachable(Unavailable):
    title = "The company's sign-in can't be reached"


class CompanyAnswerRefused(ProblemError):
    """The answer is not trusted; `detail` says why, for whoever runs the provider."""

    title = "The company's sign-in gave an answer that Praxis can't trust"


@dataclass(frozen=True, slots=True)
class Document:
    """What we use of the provider's discovery document (OpenID Connect Discovery 1.0)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    names_itself: bool
    auth_methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in there, as an ID token of it says."""

    subject: str
    sid: str | None
    auth_time: int | None
    id_token: str = field(repr=False)
    claims: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedOff:
    """Who signed off there, as a logout token of it says; `sid` narrows it to one session."""

    subject: str | None
    sid: str | None
    jti: str


class Provider:
    """One a process: it remembers the document for an hour and the keys until an unknown one is named."""

    def __init__(self, company: Company, settings: Settings) -> None:
        self.company = company
        self.callback = f"{settings.api_url}/sign-in/company/callback"
        self.signed_out = f"{settings.api_url}/sign-in/company/signed-out"
        self._lock = asyncio.Lock()
        self._document: Document | None = None
        self._document_until = self._failed_until = 0.0
        self._keys: list[Key] = []
        self._keys_at = -KEYS_AGAIN_S
        self._rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": company.issuer},
            aud={"essential": True, "value": company.client_id},
            exp={"essential": True},
            iat={"essential": True},
        )

    async def document(self) -> Document:
        """An old one goes on serving while the provider is away; CompanyUnreachable where there is none yet."""
        async with self._lock:
            now = time.monotonic()
            if self._document is None and now < self._failed_until:
                raise self._unreachable()
            if self._document is None or now > self._document_until:
                try:
                    told = await self._get(f"{self.company.issuer.rstrip('/')}/.well-known/openid-configuration")
                    self._document, self._document_until = self._checked(told), now + DOCUMENT_TTL_S
                except CompanyUnreachable:
                    self._failed_until = self._document_until = time.monotonic() + TRY_AGAIN_S
                    if self._document is None:
                        raise
            return self._document

    def _checked(self, told: dict[str, Any]) -> Document:
        if told.get("issuer") != self.company.issuer:
            raise CompanyAnswerRefused(f"It calls itself {told.get('issuer')!r}, not {self.company.issuer!r}.")
        methods = told.get("token_endpoint_auth_methods_supported")
        return Document(
            authorization_endpoint=self._address(told, "authorization_endpoint"),
            token_endpoint=self._address(told, "token_endpoint"),
            jwks_uri=self._address(told, "jwks_uri"),
            userinfo_endpoint=self._address_if_any(told, "userinfo_endpoint"),
            end_session_endpoint=self._address_if_any(told, "end_session_endpoint"),
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            auth_methods=tuple(map(str, methods)) if isinstance(methods, list) else ("client_secret_basic",),
        )

    def _address_if_any(self, told: dict[str, Any], name: str) -> str | None:
        return self._address(told, name) if told.get(name) is not None else None

    def _address(self, told: dict[str, Any], name: str) -> str:
        address = told.get(name)
        if not isinstance(address, str) or not is_safe(address, allow_loopback=self.company.is_here):
            raise CompanyAnswerRefused(f"Its document names no {name} by https.")
        return address

    async def sign_off_address(self) -> str | None:
        """Where the browser signs off there; None where it can't be reached, or offers no such thing."""
        try:
            return (await self.document()).end_session_endpoint
        except ProblemError:
            return None

    async def authorization_address(self, *, state: str, nonce: str, verifier: str, asked: dict[str, str]) -> str:
        """Where the browser goes; `asked` is prompt and max_age."""
        document = await self.document()
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                document.authorization_endpoint,
                state=state,
                code_verifier=verifier,
                nonce=nonce,
                scope=self.company.scopes,
                redirect_uri=self.callback,
                **asked,
            )
        return str(address)

    async def redeem(self, code: str, *, verifier: str, nonce: str) -> Identity:
        """Who signed in, by a code of this sign-in."""
        document = await self.document()
        is_basic = "client_secret_basic" in document.auth_methods  # what a client has that says nothing (RFC 7591)
        method = ("client_secret_basic" if is_basic else "client_secret_post") if self.company.secret else "none"
        async with self._reaching(), self._client(token_endpoint_auth_method=method) as client:
            token = await client.fetch_token(
                document.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                redirect_uri=self.callback,
            )
        access_token = str(token.get("access_token", ""))
        identity = await self._identity(token.get("id_token"), nonce=nonce, access_token=access_token)
        wanted = {self.company.email_claim} | ({self.company.groups_claim} if self.company.roles else set())
        if document.userinfo_endpoint and not wanted <= set(identity.claims):
            told = await self._get(document.userinfo_endpoint, bearer=access_token)
            if told.get("sub") != identity.subject:
                raise CompanyAnswerRefused("Its userinfo speaks of somebody else than its ID token.")
            identity.claims.update({name: value for name, value in told.items() if name not in identity.claims})
        return identity

    async def _identity(self, id_token: Any, *, nonce: str, access_token: str) -> Identity:
        header, claims = await self._read(id_token)
        if header.get("typ", "JWT") not in ("JWT", "jwt"):
            raise CompanyAnswerRefused("It gave a token of another kind than an ID token.")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise CompanyAnswerRefused("The ID token belongs to another sign-in.")
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != self.company.client_id:
            raise CompanyAnswerRefused("The ID token was made for another application.")
        half = create_half_hash(access_token, header["alg"].replace("Ed25519", "EdDSA"))
        if "at_hash" in claims and str(claims["at_hash"]).encode() != half:
            raise CompanyAnswerRefused("The access token is not the one that the ID token names.")
        if (subject := _text(claims.get("sub"))) is None:
            raise CompanyAnswerRefused("The ID token names nobody.")
        return Identity(
            subject=subject,
            sid=_text(claims.get("sid")),
            auth_time=_moment(claims.get("auth_time")),
            id_token=id_token,
            claims=claims,
        )

    async def signed_off(self, logout_token: str) -> SignedOff:
        """Whose sessions end, by OpenID Connect Back-Channel Logout 1.0, 2.6."""
        header, claims = await self._read(logout_token)
        if header.get("typ", "JWT").lower() not in ("logout+jwt", "application/logout+jwt", "jwt"):
            raise CompanyAnswerRefused("This is no logout token: its type is another.")
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict) or "nonce" in claims:
            raise CompanyAnswerRefused("This is no logout token.")
        subject, sid, jti = (_text(claims.get(name)) for name in ("sub", "sid", "jti"))
        if jti is None or (subject is None and sid is None):
            raise CompanyAnswerRefused("The logout token lacks jti, or both sub and sid.")
        return SignedOff(subject, sid, jti)

    async def _read(self, token: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a fresh token that the provider signed for us."""
        try:
            header = header_of(token)
            key = await self._key(header)
            claims = jwt.decode(
                token, key, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
            ).claims
            self._rules.validate(claims)
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise CompanyAnswerRefused(f"Its token is not valid: {error}".rstrip(".: ") + ".") from error
        if claims["iat"] < time.time() - OLDEST_S:
            raise CompanyAnswerRefused("Its token is too old.")
        return header, claims

    async def _key(self, header: dict[str, Any]) -> Key:
        """The key that the header names; without a name the only one there is."""
        document = await self.document()
        async with self._lock:
            if (found := self._known(header)) is None and time.monotonic() - self._keys_at >= KEYS_AGAIN_S:
                self._keys_at = time.monotonic()
                self._keys = _signing_keys(await self._get(document.jwks_uri))
                found = self._known(header)
        if found is None:
            raise ValueError("no key of the provider has signed it")
        return found

    def _known(self, header: dict[str, Any]) -> Key | None:
        if "kid" not in header:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.get("kid") == header["kid"]), None)

    async def _get(self, address: str, *, bearer: str | None = None) -> dict[str, Any]:
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        async with self._reaching(), httpx.AsyncClient(transport=self._leash(), timeout=TIMEOUT) as client:
            answer = await client.get(address, headers=headers)
            if answer.status_code != 200:
                raise OSError(f"{address} answered {answer.status_code}")
            told = answer.json()
        if not isinstance(told, dict):
            raise CompanyAnswerRefused(f"{address} answered no JSON object.")
        return told

    def _leash(self) -> Leash:
        return Leash(allow_loopback=self.company.is_here, proxy=self.company.proxy)

    def _client(self, **options: Any) -> AsyncOAuth2Client:
        client = AsyncOAuth2Client(
            self.company.client_id,
            self.company.secret or None,
            code_challenge_method="S256",
            transport=self._leash(),
            timeout=TIMEOUT,
            **options,
        )
        client.register_client_auth_method(("client_secret_basic", _basic))
        return client

    @asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        """What goes wrong on the way becomes one of our two errors, with the reason in the log."""
        try:
            async with asyncio.timeout(WITHIN_S):
                yield
        except AuthlibBaseError as error:
            log.warning("company sign-in refused us", error=str(error.error), description=str(error.description)[:300])
            raise CompanyAnswerRefused(f"It refused the sign-in: {str(error.error)[:100]}.") from error
        except (httpx.HTTPError, OSError, TimeoutError, json.JSONDecodeError, UnicodeDecodeError, ValueError) as error:
            log.warning("company sign-in unreachable", issuer=self.company.issuer, error=repr(error)[:300])
            raise self._unreachable() from error

    def _unreachable(self) -> CompanyUnreachable:
        return CompanyUnreachable(f"{self.company.name} can't be reached just now: try again in a minute.")


def _basic(client: Any, method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """With both parts form-encoded, as RFC 6749, 2.3.1 wants and Authlib doesn't do."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 500 and value.isprintable() else None


def _moment(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 < value < 2**40 else None


def _signing_keys(document: dict[str, Any]) -> list[Key]:
    """Public keys for signatures; those that we can't read are for others."""
    found = []
    for key in document.get("keys") or []:
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig":
            try:
                found.append(JWKRegistry.import_key(key))
            except (JoseError, ValueError, TypeError):
                continue
    return found
