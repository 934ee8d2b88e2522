"""The keys that sign credentials. Not those of access tokens: a token's key may be dropped, this one's never.

docs/decisions/0013 says why.
"""

import base64
import json
import time
from pathlib import Path
from typing import Any

import base58
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.core.secrets import keep_secret, replace_secret
from api.core.settings import Settings

ED25519_PUBLIC = b"\xed\x01"
"""Multicodec's mark of such a key."""

LOOK_AGAIN_S = 1.0


def _new_key() -> dict[str, Any]:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    secret = base64.b64encode(key.private_bytes_raw()).decode()
    multibase = "z" + base58.b58encode(ED25519_PUBLIC + public).decode()
    return {"public": multibase, "secret": secret, "made_at": int(time.time())}


def rotate_issuer_key(settings: Settings) -> str:
    """Sign with a new key from now on. The old secret is thrown away, its public half proves what it signed."""
    path = IssuerKeys(settings).path
    known = json.loads(path.read_text())["keys"]
    old = [{name: key[name] for name in ("public", "made_at")} for key in known]
    fresh = _new_key()
    replace_secret(path, json.dumps({"keys": [fresh, *old]}))
    return str(fresh["public"])


class IssuerKeys:
    """The install's issuer: the first key signs, all of them prove; read again when the file changes."""

    def __init__(self, settings: Settings) -> None:
        self.path: Path = settings.secrets_dir / "issuer_keys.json"
        self.id = f"{settings.api_url}/issuer"
        keep_secret(self.path, lambda: json.dumps({"keys": [_new_key()]}))
        self._looked_at, self._stamp = 0.0, 0
        self._keys: list[dict[str, Any]] = []
        self._load()

    def _load(self) -> None:
        stamp = self.path.stat().st_mtime_ns
        if stamp != self._stamp:
            self._keys, self._stamp = json.loads(self.path.read_text())["keys"], stamp
        self._looked_at = time.monotonic()

    def all(self) -> list[str]:
        """The public keys as multibase, the one that signs first."""
        if time.monotonic() - self._looked_at > LOOK_AGAIN_S:
            self._load()
        return [key["public"] for key in self._keys]

    def method(self, public: str | None = None) -> str:
        """The address of a key within the issuer's document; without a name, of the one that signs."""
        return f"{self.id}#{public or self.all()[0]}"

    def sign(self, data: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self._keys[0]["secret"])).sign(data)

    def document(self) -> dict[str, Any]:
        """The controller document (W3C Controlled Identifiers 1.0): which keys may make assertions in our name."""
        keys = [
            {"id": self.method(key), "type": "Multikey", "controller": self.id, "publicKeyMultibase": key}
            for key in self.all()
        ]
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.id,
            "verificationMethod": keys,
            "assertionMethod": [key["id"] for key in keys],
        }
