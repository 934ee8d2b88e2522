"""W3C Data Integrity proofs of the kind eddsa-rdfc-2022, over contexts that lie beside this file."""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import base58
from pyld import jsonld

from api.credentials.issuer_keys import IssuerKeys

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
FILES = {CREDENTIALS: "credentials-v2.json", OPEN_BADGES: "ob-3.0.3.json"}


@functools.cache
def _context(address: str) -> dict[str, Any]:
    if address not in FILES:
        raise LookupError(f"no context of {address} lies here, and none is fetched")
    text = (Path(__file__).parent / "contexts" / FILES[address]).read_text()
    return {"contextUrl": None, "documentUrl": address, "document": json.loads(text)}


def _hash(document: dict[str, Any]) -> bytes:
    """Of the canonical form (RDFC-1.0, which is URDNA2015 under its old name)."""
    asked = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": lambda address, _: _context(address),
    }
    return hashlib.sha256(jsonld.normalize(document, asked).encode()).digest()


def secured(document: dict[str, Any], keys: IssuerKeys, *, created: str) -> dict[str, Any]:
    """The document with our proof. A list, though it is one: 1EdTech's schema takes no other form."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": created,
        "verificationMethod": keys.method(),
        "proofPurpose": "assertionMethod",
    }
    options = _hash({"@context": document["@context"], **proof})
    signature = keys.sign(options + _hash(document))
    return {**document, "proof": [{**proof, "proofValue": "z" + base58.b58encode(signature).decode()}]}
