"""From a certificate to what goes over the wire."""

from typing import Any

from api.core.settings import Settings
from api.credentials.rules import RENEWAL
from api.credentials.service import Held

OPEN = (
    *("kind", "code", "person_name", "course_title", "course_id", "path_id", "score_percent"),
    *("issued_at", "expires_at", "revoked_at", "revoked_reason"),
)


def told(held: Held, settings: Settings) -> dict[str, Any]:
    """What whoever has the code may know, with the addresses where it is told and signed."""
    code = held.certificate.code
    return {name: getattr(held.certificate, name) for name in OPEN} | {
        "genuine": held.state != "revoked",
        "state": held.state,
        "renewed_by": held.renewed_by,
        "verify_url": f"{settings.api_url}/verify/{code}",
        "credential_url": f"{settings.api_url}/certificates/{code}/credential",
    }


def held_out(held: Held, settings: Settings) -> dict[str, Any]:
    """The same for its holder."""
    one = held.certificate
    is_renewable = one.expires_at and one.course_id and held.state in ("valid", "expired")
    return told(held, settings) | {
        "pdf_url": None if one.revoked_at else f"{settings.api_url}/certificate?code={one.code}",
        "renewable_from": one.expires_at - RENEWAL if is_renewable and one.expires_at else None,
    }
