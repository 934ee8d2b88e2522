"""The company's own OpenID provider over HTTP: what it says of itself, its keys, and who signed in or off there."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import Key

from api.core.errors import ProblemError, Unavailable
from api.core.outbound import TIMEOUT, WITHIN_S, Leash, is_safe
from api.core.settings import Settings
from api.identity.idp_config import Company
from api.identity.idp_tokens import (
    CompanyAnswerRefused,
    Identity,
    SignedOff,
    claims_of,
    identity_of,
    key_named,
    not_valid,
    signed_off_of,
    signing_keys,
)
from api.identity.tokens import header_of

log = structlog.get_logger()
DOCUMENT_TTL_S = 3600.0
TRY_AGAIN_S = 5.0
KEYS_AGAIN_S = 30.0
"""An unknown key id makes us look for new keys, but nobody can make us ask all the time."""


class CompanyUnreachable(Unavailable):
    title = "The company's sign-in can't be reached"


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
    prompts: tuple[str, ...]
    """Empty where it doesn't say."""


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

    async def document(self) -> Document:
        """An old one goes on serving while the provider is away; CompanyUnreachable where there is none yet."""
        async with self._lock:
            now = time.monotonic()
            if self._document is None and now < self._failed_until:
                raise self._unreachable()
            if self._document is None or now > self._document_until:
                try:
                    told = await self._ask(f"{self.company.issuer.rstrip('/')}/.well-known/openid-configuration")
                    self._document, self._document_until = self._checked(told), now + DOCUMENT_TTL_S
                except CompanyUnreachable:
                    self._failed_until = self._document_until = time.monotonic() + TRY_AGAIN_S
                    if self._document is None:
                        raise
            return self._document

    async def sign_off_address(self) -> str | None:
        """Where the browser signs off there; None where it can't be reached, or offers no such thing."""
        try:
            return (await self.document()).end_session_endpoint
        except ProblemError:
            return None

    async def authorization_address(self, *, state: str, nonce: str, verifier: str, asked: dict[str, str]) -> str:
        """Where the browser goes; `asked` is prompt and max_age."""
        address: str = prepare_grant_uri(
            (await self.document()).authorization_endpoint,
            self.company.client_id,
            "code",
            redirect_uri=self.callback,
            scope=self.company.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **asked,
        )
        return address

    async def redeem(self, code: str, *, verifier: str, nonce: str) -> Identity:
        """Who signed in, by a code of this sign-in; claims that the ID token lacks are asked of userinfo."""
        token = await self._tokens(code, verifier)
        access_token, id_token = str(token.get("access_token", "")), token.get("id_token")
        if not isinstance(id_token, str):
            raise CompanyAnswerRefused("It gave no ID token.")
        header, claims = await self._read(id_token)
        identity = identity_of(
            header, claims, id_token=id_token, company=self.company, nonce=nonce, access_token=access_token
        )
        wanted = {self.company.email_claim} | ({self.company.groups_claim} if self.company.roles else set())
        userinfo = (await self.document()).userinfo_endpoint
        if userinfo and not wanted <= set(identity.claims):
            told = await self._ask(userinfo, headers={"Authorization": f"Bearer {access_token}"})
            if told.get("sub") != identity.subject:
                raise CompanyAnswerRefused("Its userinfo speaks of somebody else than its ID token.")
            identity.claims.update({name: value for name, value in told.items() if name not in identity.claims})
        return identity

    async def signed_off(self, logout_token: str) -> SignedOff:
        """Whose sessions end, as a logout token says."""
        return signed_off_of(*await self._read(logout_token))

    async def _tokens(self, code: str, verifier: str) -> dict[str, Any]:
        document, company = await self.document(), self.company
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": verifier,
        }
        if company.secret and "client_secret_basic" in document.auth_methods:  # also what an unsaid method means
            pair = httpx.BasicAuth(quote_plus(company.client_id), quote_plus(company.secret))  # RFC 6749, 2.3.1
            return await self._ask(document.token_endpoint, form=form, auth=pair)
        secret = {"client_secret": company.secret} if company.secret else {}
        return await self._ask(document.token_endpoint, form=form | {"client_id": company.client_id} | secret)

    async def _read(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token that the provider signed for us."""
        try:
            header = header_of(token)
        except (ValueError, RecursionError) as error:
            raise not_valid(error) from error
        return header, claims_of(token, await self._key(header), self.company)

    async def _key(self, header: dict[str, Any]) -> Key:
        document = await self.document()
        async with self._lock:
            if (found := key_named(header, self._keys)) is None and time.monotonic() - self._keys_at >= KEYS_AGAIN_S:
                self._keys_at = time.monotonic()
                self._keys = signing_keys(await self._ask(document.jwks_uri))
                found = key_named(header, self._keys)
        if found is None:
            raise CompanyAnswerRefused("Its token is not valid: no key of the provider has signed it.")
        return found

    def _checked(self, told: dict[str, Any]) -> Document:
        if told.get("issuer") != self.company.issuer:
            raise CompanyAnswerRefused(f"It calls itself {told.get('issuer')!r}, not {self.company.issuer!r}.")
        methods, prompts = told.get("token_endpoint_auth_methods_supported"), told.get("prompt_values_supported")
        return Document(
            authorization_endpoint=self._address(told, "authorization_endpoint"),
            token_endpoint=self._address(told, "token_endpoint"),
            jwks_uri=self._address(told, "jwks_uri"),
            userinfo_endpoint=self._address_if_any(told, "userinfo_endpoint"),
            end_session_endpoint=self._address_if_any(told, "end_session_endpoint"),
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            auth_methods=tuple(map(str, methods)) if isinstance(methods, list) else ("client_secret_basic",),
            prompts=tuple(map(str, prompts)) if isinstance(prompts, list) else (),
        )

    def _address_if_any(self, told: dict[str, Any], name: str) -> str | None:
        return self._address(told, name) if told.get(name) is not None else None

    def _address(self, told: dict[str, Any], name: str) -> str:
        address = told.get(name)
        if not isinstance(address, str) or not is_safe(address, allow_loopback=self.company.is_here):
            raise CompanyAnswerRefused(f"Its document names no {name} by https.")
        return address

    async def _ask(self, address: str, *, form: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
        """A JSON object, by GET or with a form by POST; every other answer is one of our two errors, and a log line."""
        leash = Leash(allow_loopback=self.company.is_here, proxy=self.company.proxy)
        try:
            async with asyncio.timeout(WITHIN_S), httpx.AsyncClient(transport=leash, timeout=TIMEOUT) as client:
                answer = await client.request("POST" if form else "GET", address, data=form, **options)
            told = answer.json()
            if not isinstance(told, dict) or (answer.status_code != 200 and "error" not in told):
                raise ValueError(f"status {answer.status_code}, no answer of its kind")
        except (httpx.HTTPError, OSError, TimeoutError, ValueError, RecursionError) as error:
            log.warning("company sign-in unreachable", address=address, error=repr(error)[:300])
            raise self._unreachable() from error
        if answer.status_code != 200:
            log.warning("company sign-in refused us", address=address, answer=str(told)[:300])
            raise CompanyAnswerRefused(f"It refused the sign-in: {str(told['error'])[:100]}.")
        return told

    def _unreachable(self) -> CompanyUnreachable:
        return CompanyUnreachable(f"{self.company.name} can't be reached just now: try again in a minute.")
