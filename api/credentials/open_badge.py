"""A certificate as an Open Badges 3.0 AchievementCredential, which is a W3C Verifiable Credential 2.0."""

from datetime import UTC, datetime
from typing import Any

from api.core.settings import Settings
from api.credentials.data_integrity import CREDENTIALS, OPEN_BADGES
from api.credentials.models import Certificate
from api.credentials.status_list import entry

SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
CRITERIA = {
    "course": "Every step that the course asks for was done, and its quizzes were passed.",
    "path": "Every course that the learning path asks for was completed.",
}


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def issuer(settings: Settings) -> dict[str, Any]:
    return {"id": f"{settings.api_url}/issuer", "type": ["Profile"], "name": "Praxis Academy", "url": settings.api_url}


def credential(certificate: Certificate, settings: Settings) -> dict[str, Any]:
    """Unsigned. Of the person it says the name alone, as the paper does."""
    one = certificate
    told = {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": f"{settings.api_url}/certificates/{one.code}/credential",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": one.course_title,
        "issuer": issuer(settings),
        "validFrom": moment(one.issued_at),
        "awardedDate": moment(one.issued_at),
        "credentialSubject": _subject(one, settings),
        "credentialStatus": entry(one.status_index, settings),
        "credentialSchema": [{"id": SCHEMA, "type": "JsonSchema"}],
    }
    return told | ({"validUntil": moment(one.expires_at)} if one.expires_at else {})


def _subject(one: Certificate, settings: Settings) -> dict[str, Any]:
    is_course = one.kind == "course"
    place = f"courses/{one.course_id}" if is_course else f"paths/{one.path_id}"
    address = f"{settings.api_url}/{place}"
    achievement: dict[str, Any] = {
        "id": address,
        "type": ["Achievement"],
        "achievementType": "Course" if is_course else "LearningProgram",
        "name": one.course_title,
        "description": one.summary or one.course_title,
        "criteria": {"narrative": CRITERIA[one.kind]},
    }
    name = {"type": "IdentityObject", "hashed": False, "identityType": "name", "identityHash": one.person_name}
    subject: dict[str, Any] = {"type": ["AchievementSubject"], "identifier": [name], "achievement": achievement}
    if one.score_percent is not None:
        score = f"{address}#score"
        measured = {"type": ["ResultDescription"], "resultType": "Percent", "valueMin": "0", "valueMax": "100"}
        achievement["resultDescription"] = [{"id": score, "name": "Score", **measured}]
        subject["result"] = [{"type": ["Result"], "resultDescription": score, "value": str(one.score_percent)}]
    return subject
