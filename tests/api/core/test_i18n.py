"""The interface's languages: whole, true to their placeholders, and each only a file."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from babel.messages.pofile import read_po

from api.core import i18n
from api.core.settings import ROOT
from api.web.expected import SENTENCES
from stack.messages import collected, wanting


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Languages are read once a process."""

    def forget() -> None:
        for cached in (i18n.languages, i18n._translations, i18n.messages):
            cached.cache_clear()

    forget()
    yield
    forget()


@pytest.mark.parametrize("path", sorted(i18n.LOCALES.glob("*/messages.po")), ids=lambda path: path.parent.name)
def test_every_message_of_the_code_is_translated_with_its_placeholders(path: Path) -> None:
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.name)
    missing = {str(one.id) for one in collected() if one.id} - {str(one.id) for one in catalog if one.id}
    assert not missing, "run ./praxis messages, then translate what it names"
    assert not wanting(catalog)


def test_the_extraction_sees_what_stands_in_templates_scripts_and_code() -> None:
    ids = {one.id if isinstance(one.id, str) else one.id[0] for one in collected()}
    assert {
        "Skip to content",
        "My notes and bookmarks",
        "Note deleted.",
        "{n} note",
        "E-mail or password is wrong.",
    } <= ids
    assert "Publish now" not in ids, "the studio stays English"


def test_sentences_listed_for_pages_still_stand_in_the_code() -> None:
    code = " ".join(
        path.read_text() for path in (ROOT / "api").rglob("*.py") if path.name not in ("expected.py", "preferences.py")
    )
    assert [one for one in SENTENCES if f'"{one}"' not in code] == []


def test_a_new_language_is_only_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, forgotten: None) -> None:
    german = (i18n.LOCALES / "de" / "messages.po").read_text()
    for code in ("de", "fr"):
        (tmp_path / code).mkdir()
    shutil.copy(i18n.LOCALES / "de" / "messages.po", tmp_path / "de")
    french = re.sub(r'msgid "Sign out"\nmsgstr "[^"]*"', 'msgid "Sign out"\nmsgstr "Se déconnecter"', german)
    (tmp_path / "fr" / "messages.po").write_text(french.replace("Language: de", "Language: fr"))
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    assert i18n.languages() == {"en": "English", "de": "Deutsch", "fr": "Français"}
    assert i18n.accepted_language("fr-CA,fr;q=0.8,de;q=0.5") == "fr"
    assert i18n.Wording("fr").gettext("Sign out") == "Se déconnecter"
    assert i18n.Wording("fr").day(datetime(2026, 12, 24, tzinfo=UTC)) == "24 déc. 2026"


async def test_pages_without_an_account_speak_the_browsers_language(api: httpx.AsyncClient) -> None:
    page = await api.get("/sign-in", headers={"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"})
    assert '<html lang="de">' in page.text
    assert "Passwort" in page.text
    own = {"Accept-Language": "de", "Sec-Fetch-Site": "same-origin"}
    wrong = await api.post("/sign-in", data={"email": "a@b.c", "password": "x"}, headers=own)
    assert (wrong.status_code, "E-Mail oder Passwort" in wrong.text) == (401, True)
    assert '<html lang="en">' in (await api.get("/sign-in", headers={"Accept-Language": "xx"})).text
