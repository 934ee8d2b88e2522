"""A provider that lies, over real HTTP: everything it answers can be bent, one thing at a time."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

Bend = Callable[[dict[str, Any]], None]
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Forger:
    """`sign` makes a token of header and claims; `claims`, `document` and the rest are changed by a test."""

    issuer: str
    client_id: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig", "kid": "one"}))
    email: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, str | None] = field(default_factory=dict)
    """Changes to what the browser brings back; None leaves it out."""
    userinfo: dict[str, Any] | None = None
    sign: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    asked: list[str] = field(default_factory=list)
    """Each request that came, by path."""
    instead: dict[str, Response] = field(default_factory=dict)
    """Answers to paths that are given as they are."""
    nonce: str = ""

    def reset(self, email: str) -> None:
        self.__init__(self.issuer, self.client_id, self.key, email)  # type: ignore[misc]

    def app(self) -> Starlette:
        routes = {
            "/.well-known/openid-configuration": self._document,
            "/authorize": self._authorize,
            "/token": self._token,
            "/jwks": self._jwks,
            "/userinfo": self._userinfo,
            "/elsewhere": self._document,
        }
        return Starlette(
            routes=[Route(path, self._noted(path, do), methods=["GET", "POST"]) for path, do in routes.items()]
        )

    def _noted(self, path: str, do: Callable[[Request], Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            self.asked.append(path)
            return self.instead.get(path) or do(request)

        return answer

    def _document(self, request: Request | None = None) -> Response:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | self.document
        return JSONResponse({name: value for name, value in told.items() if value is not None})

    def described(self) -> bytes:
        """The document's text."""
        return bytes(self._document().body)

    def _authorize(self, request: Request) -> Response:
        """Signs in without a question."""
        asked = dict(request.query_params)
        self.nonce = asked["nonce"]
        answer = {"code": "a-code", "state": asked["state"], "iss": self.issuer} | self.answer
        brought = {name: value for name, value in answer.items() if value is not None}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(brought)}", 303)

    def _token(self, request: Request) -> Response:
        token = self.token({"nonce": self.nonce, "email": self.email, "email_verified": True, "groups": []})
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token})

    def token(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": self.client_id, "sub": self.email, "iat": now, "exp": now + 300}
        whole = {name: value for name, value in (usual | claims | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": "one", "typ": "JWT"} | self.header
        return self.sign(header, whole) if self.sign else jwt.encode(header, whole, self.key, algorithms=["RS256"])

    def logout_token(self, **changes: Any) -> str:
        self.header = {"typ": "logout+jwt"}
        told = {"sid": "s-1", "jti": f"j-{time.time_ns()}", "events": {LOGOUT_EVENT: {}}}
        return self.token(told | changes)

    def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False), {"kty": "RSA", "use": "enc"}, {"kty": "odd"}]})

    def _userinfo(self, request: Request) -> Response:
        return JSONResponse(self.userinfo or {"sub": self.email})

    def by_public_key(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """HMAC keyed with what everybody can read: the provider's public key (algorithm confusion)."""
        text = unsigned({**header, "alg": "HS256"}, claims).rstrip(".")
        mac = hmac.new(self.key.as_pem(private=False), text.encode(), "sha256").digest()
        return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    def by_another_key(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        other = RSAKey.generate_key(2048, {"kid": "one"})
        return jwt.encode(header, claims, other, algorithms=["RS256"])


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """`alg: none`."""
    parts = ({"typ": "JWT", **header} | ({} if header.get("alg") == "HS256" else {"alg": "none"}), claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
