"""Which tokens of the company's identity provider are believed: decisions over a key, a token and the time.

joserfc checks signature and times; what OpenID Connect asks for beyond that is here, clause by clause.
"""

import hmac
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry

from api.core.errors import ProblemError
from api.identity.idp_config import Company

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures by the provider's private key only: never `none`, never HMAC, whose key would be something public."""

LEEWAY_S = 60
OLDEST_S = 600
"""How long ago a token may have been issued to be a fresh answer."""

LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TYPES = ("logout+jwt", "application/logout+jwt", "jwt")


class CompanyAnswerRefused(ProblemError):
    """The answer is not trusted; `detail` says why, for whoever runs the provider."""

    title = "The company's sign-in gave an answer that Praxis can't trust"


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


def claims_of(token: str, key: Key, company: Company) -> dict[str, Any]:
    """Of a fresh token that this key signed for us."""
    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": company.issuer},
        aud={"essential": True, "value": company.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        claims = jwt.decode(token, key, registry=registry).claims
        rules.validate(claims)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise not_valid(error) from error
    if claims["iat"] < time.time() - OLDEST_S:
        raise CompanyAnswerRefused("Its token is too old.")
    return claims


def not_valid(error: Exception) -> CompanyAnswerRefused:
    return CompanyAnswerRefused(f"Its token is not valid: {error}".rstrip(".: ") + ".")


def identity_of(
    header: dict[str, Any], claims: dict[str, Any], *, id_token: str, company: Company, nonce: str, access_token: str
) -> Identity:
    """By OpenID Connect Core 1.0, 3.1.3.7, once `claims_of` took the token."""
    if header.get("typ", "JWT").upper() != "JWT":
        raise CompanyAnswerRefused("It gave a token of another kind than an ID token.")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise CompanyAnswerRefused("The ID token belongs to another sign-in.")
    is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (is_shared or "azp" in claims) and claims.get("azp") != company.client_id:
        raise CompanyAnswerRefused("The ID token was made for another application.")
    half = create_half_hash(access_token, header["alg"].replace("Ed25519", "EdDSA"))
    if "at_hash" in claims and str(claims["at_hash"]).encode() != half:
        raise CompanyAnswerRefused("The access token is not the one that the ID token names.")
    subject, auth_time = _text(claims.get("sub")), claims.get("auth_time")
    if subject is None:
        raise CompanyAnswerRefused("The ID token names nobody.")
    is_moment = isinstance(auth_time, int | float) and 0 < auth_time < 2**40
    return Identity(subject, _text(claims.get("sid")), int(auth_time or 0) if is_moment else None, id_token, claims)


def signed_off_of(header: dict[str, Any], claims: dict[str, Any]) -> SignedOff:
    """By OpenID Connect Back-Channel Logout 1.0, 2.6, once `claims_of` took the token."""
    events = claims.get("events")
    is_logout = isinstance(events, dict) and isinstance(events.get(LOGOUT), dict) and "nonce" not in claims
    if header.get("typ", "JWT").lower() not in LOGOUT_TYPES or not is_logout:
        raise CompanyAnswerRefused("This is no logout token.")
    subject, sid, jti = (_text(claims.get(name)) for name in ("sub", "sid", "jti"))
    if jti is None or (subject is None and sid is None):
        raise CompanyAnswerRefused("The logout token lacks jti, or both sub and sid.")
    return SignedOff(subject, sid, jti)


def signing_keys(document: dict[str, Any]) -> list[Key]:
    """Public keys for signatures; those that we can't read are for others."""
    found = []
    listed = document.get("keys")
    for key in listed if isinstance(listed, list) else []:
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig":
            try:
                found.append(JWKRegistry.import_key(key))
            except (JoseError, ValueError, TypeError):
                continue
    return found


def key_named(header: dict[str, Any], keys: list[Key]) -> Key | None:
    """The key that the header names; without a name the only one there is."""
    if "kid" not in header:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.get("kid") == header["kid"]), None)


def _text(value: Any) -> str | None:
    """What a database takes and a line of a log."""
    return value if isinstance(value, str) and 0 < len(value) <= 500 and value.isprintable() else None
