"""What the interface says, collected from the code for its translators: docs/languages.md."""

import ast
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from api.core.i18n import LOCALES
from api.core.settings import ROOT

KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "later": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
NAMED = re.compile(r"\{\w+\}|%\(\w+\)s")
HEADER = "# Praxis in {language}. `./praxis messages` brings it up to date: docs/languages.md."
SKIPPED = {"studio", "vendor"}
TEMPLATE = LOCALES / "messages.pot"
Found = tuple[int, str, Any, list[str]]


def python_messages(file: Any, keywords: Any, _tags: Any, options: Any) -> Iterator[Found]:
    """Calls of the keywords with literals; by the syntax tree, because Babel's own doesn't look into f-strings."""
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in keywords and texts:
            yield node.lineno, name, tuple(texts) if len(texts) > 1 else texts[0], []


PLACES: tuple[tuple[str, str | Callable[..., Iterator[Found]], dict[str, Any]], ...] = (
    ("api/**/*.py", python_messages, {}),
    ("api/web/templates/**/*.html", "jinja2.ext:babel_extract", {"newstyle_gettext": "true", "silent": "false"}),
    ("api/notifications/templates/*.*", "jinja2.ext:babel_extract", {"newstyle_gettext": "true", "silent": "false"}),
    ("api/web/static/**/*.js", "javascript", {"parse_template_string": True}),
)


def collected() -> Catalog:
    """All messages with the files that they come from; those of the studio, which stays English, are not among them."""
    catalog = Catalog(
        project="Praxis", version="1", charset="utf-8", fuzzy=False, header_comment=HEADER.format(language="…")
    )
    for pattern, method, options in PLACES:
        for path in sorted(ROOT.glob(pattern)):
            if SKIPPED & set(path.parts):
                continue
            where = path.relative_to(ROOT).as_posix()
            found = extract_from_file(method, str(path), KEYWORDS, options=options)  # type: ignore[arg-type]
            for _line, message, comments, context in found:
                catalog.add(message, None, [(where, 1)], auto_comments=comments, context=context)
    return catalog


def wanting(catalog: Catalog) -> list[str]:
    """What a translation still lacks: no words, unsure ones, or others than the placeholders of the message."""
    told = []
    for one in catalog:
        if not one.id:
            continue
        texts = list(one.string) if isinstance(one.string, list | tuple) else [one.string or ""]
        if one.fuzzy or not all(texts):
            told.append(f"not translated: {_ids(one)[0]}")
        elif any(not placeholders(text) <= placeholders(*_ids(one)) for text in texts):
            told.append(f"other placeholders: {_ids(one)[0]}")
        elif placeholders(_ids(one)[-1]) - placeholders(texts[-1]):
            told.append(f"a placeholder is missing: {_ids(one)[0]}")
    return told


def placeholders(*texts: str) -> set[str]:
    return {found for text in texts for found in NAMED.findall(text)}


def _ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, list | tuple) else [str(message.id)]


def update(languages: list[str]) -> dict[str, list[str]]:
    """Bring the template and every language up to date; by language what is wanting. Named ones are begun if new."""
    template = collected()
    _write(TEMPLATE, template)
    told = {}
    for code in sorted({path.parent.name for path in LOCALES.glob("*/messages.po")} | set(languages)):
        path = LOCALES / Locale.parse(code).__str__() / "messages.po"
        path.parent.mkdir(exist_ok=True)
        with path.open("rb") if path.exists() else io.BytesIO() as file:
            catalog = read_po(file, locale=code)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.fuzzy, catalog.project, catalog.version = False, template.project, template.version
        catalog.header_comment = HEADER.format(language=Locale.parse(code).english_name)
        _write(path, catalog)
        told[code] = wanting(catalog)
    return told


def _write(path: Any, catalog: Catalog) -> None:
    """Without dates and line numbers: a change of the file is a change of messages."""
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    dated = re.compile(
        rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid)[^\n]*\n',
        re.MULTILINE,
    )
    path.write_bytes(dated.sub(b"", out.getvalue()))
