"""Signed heads of the audit log: what a chain alone can't show is that its tail was cut, or all of it written anew.

`PRAXIS_HOME/audit/heads.jsonl` has a line for each time the whole chain was found right: the newest number, its hash
and the moment, signed with the install's key. `keys.json` beside it keeps the public keys, because the signing key
rotates and heads don't. Both lie on the same disk as the key: only copies elsewhere hold against who owns this machine.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from api.core.secrets import replace_secret
from api.core.settings import Settings
from api.identity.tokens import ALGORITHM, SigningKeys

KIND = "audit-head+jwt"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain that was right at that moment."""

    seq: int
    hash: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line of the file that is no head of ours, and why."""

    file: Path
    line: int
    why: str

    def __str__(self) -> str:
        return f"line {self.line} of {self.file.name} is not a head of this log: {self.why}"


def heads_path(settings: Settings) -> Path:
    return settings.home / "audit" / "heads.jsonl"


def read_heads(settings: Settings, copies: Iterable[Path] = ()) -> Iterator[Head | Unreadable]:
    """Those of the install, and of copies that were kept elsewhere, in the order in which they were written."""
    own = heads_path(settings)
    keys = {**_kept_keys(settings), **{str(key.kid): key for key in SigningKeys(settings).all()}}
    for path in [*([own] if own.exists() else []), *copies]:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            try:
                yield _read(line, keys)
            except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
                yield Unreadable(path, number, str(error) or type(error).__name__)


def _read(line: str, keys: dict[str, OKPKey]) -> Head:
    told: dict[str, Any] = json.loads(line)
    signature = str(told.pop("signature"))
    header = jws.extract_compact(signature.encode()).headers()
    key = keys.get(str(header.get("kid")))
    if key is None or header.get("typ") != KIND:
        raise ValueError("signed by a key that this install never had")
    signed = json.loads(jws.deserialize_compact(signature, key, algorithms=[ALGORITHM]).payload)
    if {name: signed[name] for name in ("seq", "hash", "at")} != told:
        raise ValueError("the line says something else than what was signed")
    return Head(int(signed["seq"]), bytes.fromhex(signed["hash"]), datetime.fromisoformat(signed["at"]))


def append_head(settings: Settings, seq: int, digest: bytes) -> Head:
    """One line, written at once, so that two who verify at the same moment don't mix theirs."""
    head = Head(seq, digest, datetime.now(UTC).replace(microsecond=0))
    keys = SigningKeys(settings)
    told = {"seq": head.seq, "hash": head.hash.hex(), "at": head.at.isoformat()}
    signature = keys.sign({**told, "iss": settings.api_url}, kind=KIND)
    heads_path(settings).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep_keys(settings, keys)
    with heads_path(settings).open("a") as file:
        file.write(json.dumps({**told, "signature": signature}) + "\n")
    return head


def _kept_keys(settings: Settings) -> dict[str, OKPKey]:
    """None where the file was spoilt: then no head of before can be checked, and each says so."""
    path = heads_path(settings).with_name("keys.json")
    try:
        listed = json.loads(path.read_text())["keys"] if path.exists() else []
        return {str(key["kid"]): OKPKey.import_key(key) for key in listed}
    except (JoseError, ValueError, KeyError, TypeError):
        return {}


def _keep_keys(settings: Settings, keys: SigningKeys) -> None:
    """The public half of what signs now, beside those of before."""
    kept = _kept_keys(settings)
    if all(kid in kept for kid in keys.kids):
        return
    kept |= {str(key.kid): key for key in keys.all()}
    document = json.dumps({"keys": [key.as_dict(private=False) for key in kept.values()]})
    replace_secret(heads_path(settings).with_name("keys.json"), document)
