"""The authorization server: Authlib's grants (framework-agnostic, well kept) over our tables, by RFC 9700.

Authlib is synchronous; it runs inside `AsyncSession.run_sync`, so a request is one transaction here too. What must
outlive a refusal (a replayed code ends its grant) is written and committed with the refusing answer.
"""

import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDToken
from authlib.oidc.core.grants.util import create_half_hash, validate_request_prompt
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from api.core.settings import Settings
from api.identity.models import Account, BrowserSession, RoleGrant
from api.identity.oauth_clients import Client
from api.identity.oauth_models import AuthorizationCode, OAuthClient, OAuthGrant, RefreshToken
from api.identity.rules import EVERYONE, usable_scopes
from api.identity.sessions import hash_of
from api.identity.tokens import ALGORITHM, SigningKeys, issue_token

CODE_TTL_S = 60
AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]


@dataclass
class Subject:
    """Whom a token speaks for: the account, the sign-in it came by, and the grant once there is one."""

    account: Account
    browser: BrowserSession | None = None
    grant: OAuthGrant | None = None
    nonce: str | None = None


@dataclass
class Answer:
    """What goes back over HTTP; `location` is a redirect."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")


class Request(OAuth2Request):  # type: ignore[misc]
    """Parameters as Authlib wants them; `doubled` names one that came twice, which RFC 6749 refuses."""

    def __init__(self, method: str, parameters: list[tuple[str, str]], headers: Mapping[str, str]) -> None:
        # Whether the transport is safe is decided by who stands in front; Authlib would look at a scheme we don't see.
        super().__init__(method, "https://praxis", headers=headers)
        self.payload = BasicOAuth2Payload(dict(parameters))
        self.payload._datalist = {name: [v for n, v in parameters if n == name] for name, _ in parameters}

    @property
    def args(self) -> dict[str, str]:
        return dict(self.payload.data)

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)

    @property
    def doubled(self) -> str | None:
        return next((name for name, values in self.payload.datalist.items() if len(values) > 1), None)


class Code:
    """A stored code with its grant, as Authlib's grant reads it."""

    def __init__(self, row: AuthorizationCode, grant: OAuthGrant) -> None:
        self.row, self.grant = row, grant
        self.code_challenge, self.code_challenge_method = row.code_challenge, "S256"

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.grant.scope


class Refresh:
    """A stored refresh token with its grant."""

    def __init__(self, row: RefreshToken, grant: OAuthGrant) -> None:
        self.row, self.grant = row, grant

    def check_client(self, client: Client) -> bool:
        return self.grant.client_id == client.get_client_id()

    def get_scope(self) -> str:
        return self.grant.scope


class S256(CodeChallenge):  # type: ignore[misc]
    """PKCE is for every client, and only S256: RFC 9700, 2.1.1; 'plain' would be a downgrade."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: send code_challenge and code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDToken):  # type: ignore[misc]
    """An ID token beside the access token, where openid was granted."""

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        server: Server = request.server
        subject: Subject = request.user
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": server.settings.api_url,
            "aud": request.client.get_client_id(),
            "sub": str(subject.account.id),
            "iat": now,
            "exp": now + server.settings.access_token_ttl_s,
            "at_hash": create_half_hash(token["access_token"], ALGORITHM).decode(),
        }
        if subject.browser:
            claims["sid"] = str(subject.browser.id)
        if subject.browser and subject.browser.authenticated_at:
            claims["auth_time"] = int(subject.browser.authenticated_at.timestamp())
        if subject.nonce:
            claims["nonce"] = subject.nonce
        if "email" in token["scope"].split() and subject.account.email:
            claims |= {"email": subject.account.email, "email_verified": True}
        return server.keys.sign(claims, kind="JWT")


def _prompt(grant: Any) -> None:
    """prompt=none and prompt=login also for a client that doesn't ask for openid."""
    grant.register_hook("after_validate_consent_request", validate_request_prompt)


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    server: "Server"

    def generate_authorization_code(self) -> str:
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: Any) -> None:
        subject: Subject = request.user
        scopes = request.scope.split()
        grant = OAuthGrant(
            id=uuid.uuid4(),
            client_id=request.client.get_client_id(),
            account_id=subject.account.id,
            session_id=subject.browser.id if subject.browser and "offline_access" not in scopes else None,
            scope=request.scope,
        )
        self.server.db.add(grant)
        self.server.db.flush()
        data = request.payload.data
        self.server.db.add(
            AuthorizationCode(
                code_hash=hash_of(code),
                grant_id=grant.id,
                redirect_uri=request.payload.redirect_uri,
                code_challenge=data["code_challenge"],
                nonce=data.get("nonce"),
                expires_at=datetime.now(UTC) + timedelta(seconds=CODE_TTL_S),
            )
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        statement = select(AuthorizationCode).where(AuthorizationCode.code_hash == hash_of(code)).with_for_update()
        row = self.server.db.scalar(statement)
        grant = self.server.db.get(OAuthGrant, row.grant_id) if row else None
        if row is None or grant is None or grant.client_id != client.get_client_id():
            return None
        if row.used_at:
            self.server.end(grant, "code replayed")
        if row.used_at or grant.ended_at or row.expires_at <= datetime.now(UTC):
            return None
        return Code(row, grant)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Kept and marked, so that a second use is seen."""
        authorization_code.row.used_at = datetime.now(UTC)

    def authenticate_user(self, authorization_code: Code) -> Subject | None:
        subject = self.server.subject(authorization_code.grant)
        if subject:
            subject.nonce = authorization_code.row.nonce
        return subject


class RotatingRefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    """Each refresh token is good once; its second use ends the grant, whoever of the two was the thief."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: "Server"

    def authenticate_refresh_token(self, refresh_token: str) -> Refresh | None:
        statement = select(RefreshToken).where(RefreshToken.token_hash == hash_of(refresh_token)).with_for_update()
        row = self.server.db.scalar(statement)
        grant = self.server.db.get(OAuthGrant, row.grant_id) if row else None
        if row is None or grant is None or grant.client_id != self.request.client.get_client_id():
            return None
        if row.used_at:
            self.server.end(grant, "refresh token reused")
        if row.used_at or grant.ended_at or row.expires_at <= datetime.now(UTC) or not self.server.subject(grant):
            return None
        return Refresh(row, grant)

    def authenticate_user(self, refresh_token: Refresh) -> Subject | None:
        return self.server.subject(refresh_token.grant)

    def revoke_old_credential(self, refresh_token: Refresh) -> None:
        refresh_token.row.used_at = datetime.now(UTC)


class ServiceGrant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012
    server: "Server"

    def create_token_response(self) -> tuple[int, Any, Any]:
        client: Client = self.request.client
        account = self.server.db.get(Account, client.row.account_id)
        if account is None or not account.is_active:
            raise InvalidRequestError("The service's account is closed.")
        scope = client.get_allowed_scope(self.request.payload.scope)
        grant = OAuthGrant(id=uuid.uuid4(), client_id=client.row.client_id, account_id=account.id, scope=scope)
        self.server.db.add(grant)
        self.server.db.flush()
        self.request.user = Subject(account, grant=grant)
        token = self.generate_token(user=self.request.user, scope=scope, include_refresh_token=False)
        return 200, token, self.TOKEN_RESPONSE_HEADER


class Server(AuthorizationServer):  # type: ignore[misc]
    """One a request: its session, the settings and the keys."""

    def __init__(self, db: Session, settings: Settings, keys: SigningKeys) -> None:
        super().__init__()
        self.db, self.settings, self.keys = db, settings, keys
        self.ended: list[tuple[OAuthGrant, str]] = []
        self.register_grant(CodeGrant, [S256(required=True), IdToken(), _prompt])
        self.register_grant(RotatingRefreshGrant, [IdToken()])
        self.register_grant(ServiceGrant)
        self.register_token_generator("default", self._tokens)

    def query_client(self, client_id: str) -> Client | None:
        row = self.db.scalar(
            select(OAuthClient).where(OAuthClient.client_id == client_id, OAuthClient.disabled_at.is_(None))
        )
        return Client(row) if row else None

    def subject(self, grant: OAuthGrant) -> Subject | None:
        """Whom a live grant speaks for; None once the account, the sign-in or the grant ended."""
        account = self.db.get(Account, grant.account_id)
        browser = self.db.get(BrowserSession, grant.session_id) if grant.session_id else None
        is_over = browser is not None and (browser.ended_at or browser.expires_at <= datetime.now(UTC))
        if account is None or not account.is_active or grant.ended_at or is_over:
            return None
        return Subject(account, browser, grant)

    def end(self, grant: OAuthGrant, reason: str) -> None:
        """All tokens of this grant are dead from now on; kept in `ended` for the audit log."""
        if grant.ended_at is None:
            grant.ended_at, grant.reason = datetime.now(UTC), reason
            self.ended.append((grant, reason))

    def _tokens(self, *, user: Subject, scope: str, include_refresh_token: bool, **_: Any) -> dict[str, Any]:
        roles = self.roles(user.account)
        assert user.grant is not None
        grant, usable = user.grant, usable_scopes(scope.split(), roles)
        token: dict[str, Any] = {
            "token_type": "Bearer",
            "access_token": issue_token(
                self.keys,
                self.settings,
                account_id=user.account.id,
                client_id=grant.client_id,
                roles=roles,
                scopes=usable,
                grant_id=grant.id,
            ),
            "expires_in": self.settings.access_token_ttl_s,
            "scope": " ".join(usable),
        }
        if include_refresh_token:
            token["refresh_token"] = secrets.token_urlsafe(32)
            until = datetime.now(UTC) + timedelta(seconds=self.settings.refresh_token_ttl_s)
            self.db.add(RefreshToken(token_hash=hash_of(token["refresh_token"]), grant_id=grant.id, expires_at=until))
        return token

    def roles(self, account: Account) -> frozenset[str]:
        granted = self.db.scalars(
            select(RoleGrant.role).where(
                RoleGrant.account_id == account.id,
                or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > func.now()),
            )
        )
        return (EVERYONE if account.person_id else frozenset()) | frozenset(granted)

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Written where it is made; an access token is signed, not stored."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Request) -> Request:
        request.server = self
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        return Answer(status, body, dict(headers or ()))
