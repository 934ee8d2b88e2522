"""The certificate on paper: a PDF/UA made by typst, with a QR code that leads to the page that verifies it."""

import functools
import io
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segno
import typst

from api.core.i18n import Wording
from api.core.settings import Settings
from api.credentials.models import Certificate

ASSETS = Path(__file__).parent / "assets"

_one_page_at_a_time = threading.Lock()


@functools.cache
def _compiler() -> typst.Compiler:
    """Made once: fonts are read once, ours first and then the machine's, and a page then takes milliseconds."""
    return typst.Compiler(ASSETS / "certificate.typ", font_paths=[ASSETS])


def render(certificate: Certificate, settings: Settings, told: Wording | None = None) -> bytes:
    """The PDF, in the language of `told`, with the names as they were on the day of issue; its days are UTC's."""
    inputs = {"data": json.dumps(_fields(certificate, settings, told or Wording()))}
    with _one_page_at_a_time:
        try:
            pdf = _compiler().compile(sys_inputs=inputs, format="pdf", pdf_standards="ua-1")
        except typst.TypstError:
            # A name in a script that no font of this machine has: PDF/UA refuses it, and a name with boxes is
            # better than no certificate.
            pdf = _compiler().compile(sys_inputs=inputs, format="pdf")
    assert isinstance(pdf, bytes)
    return pdf


def _fields(one: Certificate, settings: Settings, told: Wording) -> dict[str, Any]:
    _ = told.gettext
    url = f"{settings.api_url}/verify/{one.code}"
    completed = _("has completed the learning path") if one.kind == "path" else _("has completed the course")
    score = None if one.score_percent is None else _("with a score of {score}")
    facts = [(_("Date"), _day(one.issued_at, told)), (_("Verification code"), one.code)]
    if one.expires_at:
        facts.insert(1, (_("Valid until"), _day(one.expires_at, told)))
    return {
        "language": told.language,
        "name": one.person_name,
        "course": one.course_title,
        "url": url,
        "qr": _qr(url),
        "facts": facts if one.expires_at else [*facts, (_("Issued by"), _("Learning & Development"))],
        "words": {
            "title": _("Certificate of completion"),
            "certifies": _("This certifies that"),
            "completed": completed,
            "score": score and score.format(score=told.percent(one.score_percent or 0)),
            "verify": _("Scan the code, or verify at"),
            "qr": _("QR code: leads to {address}").format(address=url),
        },
    }


def _day(moment: datetime, told: Wording) -> str:
    return told.day(moment.astimezone(UTC).date(), "long")


def _qr(address: str) -> str:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", dark="#17253a", border=0, xmldecl=False)
    return drawn.getvalue().decode()
