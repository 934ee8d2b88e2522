"""Revocation (RFC 7009), introspection (RFC 7662), and what the server says of itself (RFC 8414, OIDC discovery)."""

import time
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy import select

from api.core.settings import Settings
from api.identity.oauth import AUTH_METHODS, Server
from api.identity.oauth_clients import Client
from api.identity.oauth_models import OAuthGrant, RefreshToken
from api.identity.rules import SCOPES, usable_scopes
from api.identity.sessions import hash_of
from api.identity.tokens import ALGORITHM, AUDIENCE, TokenRefused, TokenVerifier


@dataclass
class Found:
    """A token of ours, of either kind."""

    grant: OAuthGrant
    expires_at: float
    scope: str
    is_spent: bool = False

    def check_client(self, client: Client) -> bool:
        return self.grant.client_id == client.get_client_id()

    def is_expired(self) -> bool:
        return self.expires_at <= time.time()

    def is_revoked(self) -> bool:
        return self.is_spent or self.grant.ended_at is not None


def find(server: Server, token: str) -> Found | None:
    """By its own look: a hint is only a hint (RFC 7009, 2.1)."""
    if token.count(".") == 2:
        try:
            claims = TokenVerifier(server.keys, server.settings)(token)
        except TokenRefused:
            return None
        grant = server.db.get(OAuthGrant, claims.grant_id) if claims.grant_id else None
        return Found(grant, claims.expires_at, " ".join(sorted(claims.scopes))) if grant else None
    row = server.db.scalar(select(RefreshToken).where(RefreshToken.token_hash == hash_of(token)))
    grant = server.db.get(OAuthGrant, row.grant_id) if row else None
    if row is None or grant is None:
        return None
    return Found(grant, row.expires_at.timestamp(), grant.scope, row.used_at is not None)


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Ends the whole grant: a client that gives one token back is done with all of them."""

    CLIENT_AUTH_METHODS = AUTH_METHODS
    server: Server

    def query_token(self, token_string: str, token_type_hint: str | None) -> Found | None:
        return find(self.server, token_string)

    def revoke_token(self, token: Found, request: Any) -> None:
        self.server.end(token.grant, "revoked")


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """For clients with a secret: about their own tokens, and Praxis' own pages about any."""

    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012
    server: Server

    def query_token(self, token_string: str, token_type_hint: str | None) -> Found | None:
        return find(self.server, token_string)

    def check_permission(self, token: Found, client: Client, request: Any) -> bool:
        return bool(client.row.is_first_party) or token.check_client(client)

    def introspect_token(self, token: Found) -> dict[str, Any]:
        """With the scopes that the account can use now: a role that was withdrawn since takes its scope along."""
        subject = self.server.subject(token.grant)
        if subject is None:
            return {"active": False}
        roles = self.server.roles(subject.account)
        return {
            "active": True,
            "iss": self.server.settings.api_url,
            "aud": AUDIENCE,
            "sub": str(token.grant.account_id),
            "client_id": token.grant.client_id,
            "scope": " ".join(usable_scopes(token.scope.split(), roles)),
            "roles": sorted(roles),
            "exp": int(token.expires_at),
            "token_type": "Bearer",
        }


def metadata(settings: Settings) -> dict[str, Any]:
    """The same for OAuth 2.0 and OpenID Connect."""
    base = settings.api_url
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "jwks_uri": f"{base}/oauth/jwks",
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "introspection_endpoint": f"{base}/oauth/introspect",
        "end_session_endpoint": f"{base}/oauth/logout",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "introspection_endpoint_auth_methods_supported": Introspection.CLIENT_AUTH_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "sid", "nonce", "name", "email"],
        "prompt_values_supported": ["none", "login", "consent"],
        "authorization_response_iss_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "request_parameter_supported": False,
    }
