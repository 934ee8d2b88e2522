"""OData v2: `d.results`, `__next` with a skiptoken, `/Date(…)/`, OAuth by a signed SAML assertion."""

import base64
import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from signxml import XMLVerifier

from tests.pipelines.hr.fakes import CHANGED, MOVES, PEOPLE
from tests.pipelines.hr.vendor import Answer, Asked, Vendor

OPTIONS = {"page": 2, "company_id": "ACME", "client_id": "key-of-app", "user_id": "PRAXIS_API"}
_KEY = rsa.generate_private_key(65537, 2048)
PRIVATE_KEY = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "praxis")])
CERTIFICATE = (
    x509.CertificateBuilder(_NAME, _NAME, _KEY.public_key(), 1, datetime(2026, 1, 1), datetime(2036, 1, 1))  # noqa: DTZ001
    .sign(_KEY, hashes.SHA256())
    .public_bytes(Encoding.PEM)
    .decode()
)


def address(url: str) -> str:
    return url


def vendor() -> Vendor:
    return Vendor(answer, is_token=lambda asked: asked.path == "/oauth/token")


def answer(self: Vendor, asked: Asked) -> Answer:
    if asked.path == "/oauth/token":
        _check_assertion(asked.form(), self.url)
        return 200, {"access_token": f"token-{self.generation}", "token_type": "Bearer", "expires_in": 86400}
    if asked.headers.get("authorization") != self.bearer:
        return 401, {"error": {"code": "LGN0022", "message": {"lang": "en-US", "value": "Token is expired"}}}
    assert (asked.query["paging"], asked.query["$format"]) == ("cursor", "json")
    condition = asked.query.get("$filter", "")
    some = re.search(r"userId in ((?:'\d+',?)+)", condition)
    numbers = re.findall(r"'(\d+)'", some[1]) if some else [person[0] for person in PEOPLE]
    if "lastModifiedDateTime" in condition:
        assert re.search(r"ge datetimeoffset'2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ'", condition)
        numbers = [CHANGED] if asked.path == "/odata/v2/EmpJob" else []
    made = {"/odata/v2/User": _users, "/odata/v2/EmpJob": _jobs}[asked.path]
    return 200, _page(asked, [made(person) for person in PEOPLE if person[0] in numbers], self.url)


def _page(asked: Asked, groups: list[list[dict]], url: str) -> dict:
    found = [record for group in groups for record in group]
    start, size = int(asked.query.get("$skiptoken", 0)), int(asked.query["customPageSize"])
    following = urlencode({**asked.query, "$skiptoken": start + size})
    more = {"__next": f"{url}{asked.path}?{following}"} if start + size < len(found) else {}
    return {"d": {"results": found[start : start + size], **more}}


def _users(person: tuple) -> list[dict]:
    number, first, last, *_ = person
    uri = {"uri": f"https://x/odata/v2/User('{number}')", "type": "SFOData.User"}
    return [{"__metadata": uri, "userId": number, "defaultFullName": f"{first} {last}", "email": f"{first}@sf.example"}]


def _jobs(person: tuple) -> list[dict]:
    number, _, _, job, unit, manager, start, end = person
    told = {
        "userId": number,
        "department": unit[:2].upper(),
        "departmentNav": {"__metadata": {}, "name": unit},
        "employmentNav": {"__metadata": {}, "startDate": _date(start), "endDate": _date(end)},
        "managerId": manager or "NO_MANAGER",
    }
    moves = MOVES.get(number, [(start, job)])
    jobs = [{**told, "jobTitle": title, "startDate": _date(day), "seqNumber": "1"} for day, title in moves]
    return [*jobs, {**jobs[-1], "seqNumber": "2"}]


def _date(day: str | None) -> Any:
    if day is None:
        return None
    moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return f"/Date({int(moment.timestamp() * 1000)})/"


def _check_assertion(form: dict[str, str], url: str) -> None:
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:saml2-bearer"
    assert (form["company_id"], form["client_id"]) == ("ACME", "key-of-app")
    signed = XMLVerifier().verify(base64.b64decode(form["assertion"]), x509_cert=CERTIFICATE).signed_xml
    text = " ".join(signed.itertext())
    assert "PRAXIS_API" in text
    assert "key-of-app" in text
    subject = signed.find(".//{*}SubjectConfirmationData")
    assert subject.get("Recipient") == f"{url}/oauth/token"
