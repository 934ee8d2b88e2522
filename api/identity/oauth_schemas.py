"""What programs send to the OAuth endpoints and get from them, as OpenAPI says it; the checks are Authlib's."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ID = "0199a9c1-7f3e-7c3a-8000-3f2a5b6c7d8e"
FORM = "application/x-www-form-urlencoded"


def example(value: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


class OAuthError(BaseModel):
    model_config = example({"error": "invalid_grant", "error_description": "The code was used, or has expired."})

    error: str
    error_description: str | None = None


class TokenOut(BaseModel):
    model_config = example(
        {
            "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl",
            "token_type": "Bearer",
            "expires_in": 600,
            "scope": "openid learning",
            "refresh_token": "q0v3m1J4n2s5",
        }
    )

    access_token: str
    token_type: str
    expires_in: int = Field(description="Seconds from now.")
    scope: str = Field(description="What was granted, which may be less than what was asked for.")
    refresh_token: str | None = None
    id_token: str | None = None


class IntrospectionOut(BaseModel):
    """RFC 7662; of a token that isn't good now nothing but `active: false`."""

    model_config = example(
        {
            "active": True,
            "iss": "http://127.0.0.1:8000",
            "aud": "praxis",
            "sub": ID,
            "client_id": "payroll",
            "scope": "reports",
            "roles": ["service"],
            "exp": 1795464000,
            "token_type": "Bearer",
        }
    )

    active: bool
    iss: str | None = None
    aud: str | None = None
    sub: str | None = None
    client_id: str | None = None
    scope: str | None = None
    roles: list[str] | None = None
    exp: int | None = None
    token_type: str | None = None


class Nothing(BaseModel):
    """RFC 7009: the answer is the same whether there was such a token or not."""

    model_config = example({})


class KeysOut(BaseModel):
    model_config = example(
        {
            "keys": [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "alg": "EdDSA",
                    "use": "sig",
                    "kid": "k-2026-11",
                    "x": "11qYAYKxCrfVS_",
                }
            ]
        }
    )

    keys: list[dict[str, Any]]


class MetadataOut(BaseModel):
    """RFC 8414 and OpenID Connect Discovery; these members and more."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "issuer": "http://127.0.0.1:8000",
                "authorization_endpoint": "http://127.0.0.1:8000/oauth/authorize",
                "token_endpoint": "http://127.0.0.1:8000/oauth/token",
                "jwks_uri": "http://127.0.0.1:8000/oauth/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "code_challenge_methods_supported": ["S256"],
            }
        },
    )

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    response_types_supported: list[str]
    grant_types_supported: list[str]
    code_challenge_methods_supported: list[str]


def form(required: str, asked: dict[str, str], sent: dict[str, Any]) -> dict[str, Any]:
    """The `openapi_extra=` of a route whose form Authlib reads: fields with what they mean, and an example."""
    fields = {name: {"type": "string", "description": meaning} for name, meaning in asked.items()}
    schema = {"type": "object", "required": [required], "properties": fields}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema, "example": sent}}}}


CLIENT = {"client_id": "Or by HTTP Basic.", "client_secret": "Or by HTTP Basic; public clients have none."}
TOKEN_FORM = form(
    "grant_type",
    {
        "grant_type": "authorization_code, refresh_token or client_credentials.",
        "code": "From the redirect; good once, for a minute.",
        "redirect_uri": "The same as at /oauth/authorize.",
        "code_verifier": "PKCE: what the code_challenge was made of.",
        "refresh_token": "The newest one; good once.",
        "scope": "At most what was granted before.",
        **CLIENT,
    },
    {
        "grant_type": "authorization_code",
        "code": "SplxlOBeZQQYbYS6WxSbIA",
        "redirect_uri": "https://app.example.com/callback",
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "client_id": "planner",
    },
)
LOGOUT_FORM = form(
    "logout_token",
    {"logout_token": "A JWT by OpenID Connect Back-Channel Logout 1.0, 2.4, signed by the company's provider."},
    {"logout_token": "eyJ0eXAiOiJsb2dvdXQrand0IiwiYWxnIjoiUlMyNTYifQ.e30.c2lnbmF0dXJl"},
)
ABOUT_TOKEN_FORM = form(
    "token",
    {"token": "An access or a refresh token.", "token_type_hint": "access_token or refresh_token.", **CLIENT},
    {"token": "q0v3m1J4n2s5", "client_id": "planner", "client_secret": "of-the-registration"},
)
