"""Signing keys and access tokens: JWT by RFC 9068, Ed25519, checked by key id, issuer, audience, type and time."""

import base64
import json
import time
import uuid
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, OKPKey

from api.core.errors import Unauthorized
from api.core.secrets import keep_secret, replace_secret
from api.core.settings import OPERATOR_TOKEN_TTL_S, Settings
from api.identity.rules import OPERATOR, SCOPES, Claims

AUDIENCE = "praxis"
ALGORITHM = "EdDSA"
LOOK_AGAIN_S = 1.0
LONGEST_HEADER = 1000
"""Ours have 100 characters; a header nested deeper than this allows would be more than a JSON parser can take."""


class TokenRefused(Unauthorized):
    title = "Sign-in needed"


def _new_key() -> dict[str, Any]:
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return {**key.as_dict(private=True), "made_at": int(time.time())}


def rotate_keys(settings: Settings, *, keep_old: bool = True) -> str:
    """Sign with a new key from now on; the old ones check what they signed until it has expired, or not any more.

    Every process of the install sees it within a second. Returns the new key's id.
    """
    fresh = _new_key()
    horizon = time.time() - settings.longest_token_s
    path = SigningKeys(settings).path
    known = json.loads(path.read_text())["keys"] if keep_old else []
    # The newest old key signed until now, so it stays; one that was replaced longer ago than a token lives goes.
    kept = [
        {name: part for name, part in key.items() if name != "d"}  # the half that signs is not needed any more
        for place, key in enumerate(known)
        if place == 0 or known[place - 1]["made_at"] > horizon
    ]
    replace_secret(path, json.dumps({"keys": [fresh, *kept]}))
    return str(fresh["kid"])


class SigningKeys:
    """The install's key set, the first of which signs; read again when its file changes."""

    def __init__(self, settings: Settings) -> None:
        # Known and decided (docs/decisions/0006): not to be said at each command and start.
        warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)
        self.path: Path = settings.secrets_dir / "token_keys.json"
        keep_secret(self.path, lambda: json.dumps({"keys": [_new_key()]}))
        self._looked_at, self._stamp = 0.0, 0
        self._keys: list[OKPKey] = []
        self._load()

    def _load(self) -> None:
        stamp = self.path.stat().st_mtime_ns
        if stamp != self._stamp:
            listed = json.loads(self.path.read_text())["keys"]
            self._keys = [OKPKey.import_key({k: v for k, v in key.items() if k != "made_at"}) for key in listed]
            self._stamp = stamp
        self._looked_at = time.monotonic()

    def all(self) -> list[OKPKey]:
        if time.monotonic() - self._looked_at > LOOK_AGAIN_S:
            self._load()
        return self._keys

    @property
    def kids(self) -> tuple[str, ...]:
        return tuple(str(key.kid) for key in self.all())

    def public(self) -> dict[str, Any]:
        """The JWKS document."""
        return dict(KeySet(list(self.all())).as_dict(private=False))

    def sign(self, claims: dict[str, Any], *, kind: str) -> str:
        key = self.all()[0]
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": kind}, claims, key, algorithms=[ALGORITHM])

    def read(self, token: str, *, kind: str) -> dict[str, Any]:
        """The claims of a token that one of our keys signed as this kind; JoseError or ValueError otherwise.

        Who calls checks issuer, audience and time.
        """
        header = header_of(token)
        key = next((key for key in self.all() if key.kid == header.get("kid")), None)
        if key is None or header.get("typ") != kind:
            raise ValueError("another kind or key")
        return dict(jwt.decode(token, key, algorithms=[ALGORITHM]).claims)


def header_of(token: str) -> dict[str, Any]:
    """Of a token that nobody has checked yet: it may be anything."""
    part = token.split(".", 1)[0]
    if len(part) > LONGEST_HEADER:
        raise ValueError("its header is too long")
    header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header


def issue_token(
    keys: SigningKeys,
    settings: Settings,
    *,
    account_id: uuid.UUID,
    client_id: str,
    roles: Iterable[str],
    scopes: Iterable[str],
    grant_id: uuid.UUID | None = None,
    ttl_s: int | None = None,
) -> str:
    """An access token; `roles` and `scopes` are the most its holder may do."""
    now = int(time.time())
    claims = {
        "iss": settings.api_url,
        "aud": AUDIENCE,
        "sub": str(account_id),
        "client_id": client_id,
        "scope": " ".join(scopes),
        "roles": sorted(roles),
        "iat": now,
        "exp": now + (ttl_s or settings.access_token_ttl_s),
        "jti": str(uuid.uuid4()),
    }
    if grant_id:
        claims["grant"] = str(grant_id)
    return keys.sign(claims, kind="at+jwt")


class TokenVerifier:
    """Checks access tokens of this install. What they may do now is asked of `AccessNow`, each time.

    A good token is remembered until it expires or its key goes: Ed25519 costs 0.2 ms, and a page sends the same one
    often.
    """

    def __init__(self, keys: SigningKeys, settings: Settings, *, most: int = 20_000) -> None:
        self._keys, self._most = keys, most
        self._known: dict[str, Claims] = {}
        self._kids = keys.kids
        self._rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": settings.api_url},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    def __call__(self, token: str) -> Claims:
        """What the token says, or TokenRefused."""
        if self._keys.kids != self._kids:
            self._kids = self._keys.kids
            self._known.clear()
        known = self._known.get(token)
        if known is None or known.expires_at <= time.time():
            known = self._check(token)
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[token] = known
        return known

    def _check(self, token: str) -> Claims:
        try:
            claims = self._keys.read(token, kind="at+jwt")
            self._rules.validate(claims)
            return Claims(
                account_id=uuid.UUID(claims["sub"]),
                client_id=str(claims["client_id"]),
                roles=frozenset(claims["roles"]),
                scopes=frozenset(claims["scope"].split()),
                grant_id=uuid.UUID(claims["grant"]) if "grant" in claims else None,
                expires_at=float(claims["exp"]),
            )
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TokenRefused("The token is missing, wrong or expired: sign in again.") from error


def operator_token(settings: Settings, account_id: uuid.UUID, roles: Iterable[str], *, ttl_s: int | None = None) -> str:
    """What only somebody who may read the key file can make: the roles are as written, granted or not."""
    return issue_token(
        SigningKeys(settings),
        settings,
        account_id=account_id,
        client_id=OPERATOR,
        roles=roles,
        scopes=SCOPES,
        ttl_s=ttl_s or OPERATOR_TOKEN_TTL_S,
    )
