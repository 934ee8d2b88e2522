"""The PDF: for eyes, for screen readers, for a phone's camera, in the reader's language."""

import io
from datetime import UTC, datetime

import pytest
import segno
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from api.core.i18n import Wording, languages
from api.core.settings import Settings
from api.credentials.models import Certificate
from api.credentials.pdf import _fields, render
from tests.api.credentials.conftest import NAME, Holder

CODE = "PRX-7K2M-9QXD-41TB"


def certificate(**changed: object) -> Certificate:
    values = {
        "kind": "course",
        "code": CODE,
        "person_name": NAME,
        "course_title": "Fire safety",
        "score_percent": 94,
        "issued_at": datetime(2026, 11, 28, 23, 30, tzinfo=UTC),
        "expires_at": datetime(2028, 11, 28, 23, 59, 59, tzinfo=UTC),
    }
    return Certificate(**(values | changed))


def alternatives(part: object) -> list[str]:
    """What a screen reader says instead of figures, from the tree of tags."""
    found = []
    node = part.get_object() if hasattr(part, "get_object") else part
    if isinstance(node, list):
        return [told for one in node for told in alternatives(one)]
    if isinstance(node, DictionaryObject):
        found += [str(node["/Alt"])] if "/Alt" in node else []
        found += alternatives(node["/K"]) if "/K" in node else []
    return found


def test_it_is_pdf_ua_and_its_qr_code_leads_to_the_page_that_verifies_it(settings: Settings) -> None:
    pdf = PdfReader(io.BytesIO(render(certificate(), settings, Wording("de", "Europe/Berlin"))))
    url = f"{settings.api_url}/verify/{CODE}"
    words = pdf.pages[0].extract_text()
    assert len(pdf.pages) == 1
    assert "28. November 2026" in words  # the day of issue is UTC's, whatever the reader's zone
    assert "28. November 2028" in words
    assert pdf.trailer["/Root"]["/Lang"] == "de"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert any(url in told for told in alternatives(pdf.trailer["/Root"]["/StructTreeRoot"]))
    assert [one.get_object()["/A"]["/URI"] for one in pdf.pages[0]["/Annots"]] == [url]
    drawn = io.BytesIO()
    segno.make(url, error="m").save(drawn, kind="svg", dark="#17253a", border=0, xmldecl=False)
    assert _fields(certificate(), settings, Wording())["qr"] == drawn.getvalue().decode()


def test_a_path_says_that_it_is_one_and_what_has_no_end_names_none(settings: Settings) -> None:
    plain = certificate(kind="path", expires_at=None, score_percent=None)
    words = PdfReader(io.BytesIO(render(plain, settings))).pages[0].extract_text()
    assert "has completed the learning path" in words
    assert "Valid until" not in words
    assert "score" not in words


@pytest.mark.parametrize("language", ["de", "en"])
async def test_it_is_written_in_its_readers_language(holder: Holder, now: datetime, language: str) -> None:
    code = await holder.finishes(now)
    headers = {**holder.headers, "Accept-Language": "fr, de;q=0.9, en;q=0.5" if language == "de" else "fr, en"}
    answer = await holder.client.get("/certificate", params={"code": code}, headers=headers)
    told = PdfReader(io.BytesIO(answer.content))
    assert told.trailer["/Root"]["/Lang"] == (language if language in languages() else "en")
