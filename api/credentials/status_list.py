"""W3C Bitstring Status Lists: one bit a certificate, set where it was revoked. Who asks learns nothing else."""

import base64
import gzip
from collections.abc import Iterable
from typing import Any

from api.core.settings import Settings
from api.credentials.data_integrity import CREDENTIALS

LENGTH = 131_072
"""Bits of a list: the least that the recommendation allows, so that one among many is asked for."""


def address(number: int, settings: Settings) -> str:
    return f"{settings.api_url}/credential-status/{number}"


def entry(index: int, settings: Settings) -> dict[str, Any]:
    """Where a certificate's credential says that its bit is."""
    number, place = divmod(index, LENGTH)
    listed = address(number, settings)
    return {
        "id": f"{listed}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place),
        "statusListCredential": listed,
    }


def encoded(revoked: Iterable[int]) -> str:
    """Bits of these places, the first on the left; gzipped, as multibase base64url."""
    bits = bytearray(LENGTH // 8)
    for place in revoked:
        bits[place // 8] |= 128 >> place % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def status_list(number: int, revoked: Iterable[int], settings: Settings, *, valid_from: str) -> dict[str, Any]:
    """The list as a credential, unsigned."""
    listed = address(number, settings)
    return {
        "@context": [CREDENTIALS],
        "id": listed,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": f"{settings.api_url}/issuer",
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{listed}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(revoked),
        },
    }
