"""The certificate on paper: a PDF/UA made by typst."""

import functools
import json
import threading
from datetime import datetime
from pathlib import Path

import typst

from api.core.settings import Settings
from api.credentials.models import Certificate

ASSETS = Path(__file__).parent / "assets"

_one_page_at_a_time = threading.Lock()


@functools.cache
def _compiler() -> typst.Compiler:
    """Made once: fonts are read once, ours first and then the machine's, and a page then takes milliseconds."""
    return typst.Compiler(ASSETS / "certificate.typ", font_paths=[ASSETS])


def render(certificate: Certificate, settings: Settings) -> bytes:
    """The PDF of a certificate, with the names as they were on the day of issue."""
    fields = {
        "name": certificate.person_name,
        "course": certificate.course_title,
        "score": certificate.score_percent,
        "date": _day(certificate.issued_at),
        "code": certificate.code,
        "url": f"{settings.api_url}/certificates/{certificate.code}",
    }
    inputs = {"data": json.dumps(fields)}
    with _one_page_at_a_time:
        try:
            pdf = _compiler().compile(sys_inputs=inputs, format="pdf", pdf_standards="ua-1")
        except typst.TypstError:
            # A name in a script that no font of this machine has: PDF/UA refuses it, and a name with boxes is
            # better than no certificate.
            pdf = _compiler().compile(sys_inputs=inputs, format="pdf")
    assert isinstance(pdf, bytes)
    return pdf


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
