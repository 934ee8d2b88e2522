"""What differs between two versions of a course, and whether it matters: documents in, plain values out.

Material is what somebody who knows the old version doesn't know or has not shown: a new module, another file, another
address, another quiz, another rule of what finishes the course. Words are not: nobody can tell a typo from a new fact
by looking at letters, so the author says it (docs/decisions/0009).
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

Document = dict[str, Any]
FIELDS = {
    "title": "title",
    "summary": "summary",
    "description": "description",
    "category": "category",
    "difficulty": "difficulty",
    "language": "language",
    "skills": "skills",
    "cover": "cover",
    "prerequisites": "prerequisites",
    "pass_percent": "pass mark",
    "completion": "completion rule",
}
MATERIAL_FIELDS = {"pass_percent", "completion"}
ASPECTS = {
    "kind": "kind",
    "media_id": "file",
    "url": "address",
    "title": "title",
    "body": "text",
    "weight": "weight",
    "duration_s": "duration",
    "settings": "settings",
}
MATERIAL_ASPECTS = {"kind", "media_id", "url"}
MATERIAL_SETTINGS = ("attempts", "time_limit_s", "partial_credit", "pass_percent", "draws")


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    """added, removed, changed or moved"""
    what: str
    title: str
    is_material: bool = False

    def out(self) -> dict[str, Any]:
        return asdict(self)


def changes(old: Document, new: Document) -> list[Change]:
    """In the order of the document: the course's fields, its sections, its modules with what changed in each."""
    fields = [
        Change("changed", words, new["title"], name in MATERIAL_FIELDS)
        for name, words in FIELDS.items()
        if old[name] != new[name]
    ]
    return [*fields, *_sections(old, new), *_modules(old, new)]


def must_redo(old: Document, new: Document) -> set[uuid.UUID]:
    """Stems of the modules in both that somebody who finished the old one hasn't done: another file, another quiz."""
    before = _by_stem(old)
    return {
        module["stem_id"]
        for module in new["modules"]
        if (known := before.get(module["stem_id"])) and _is_material(known, module)
    }


def _is_material(old: Document, new: Document) -> bool:
    return bool(aspects(old, new) & MATERIAL_ASPECTS) or is_another_quiz(old, new)


def is_another_quiz(old: Document, new: Document) -> bool:
    """Whether other things are asked, or more is needed to pass; order and explanations don't count."""
    if not new["kind"] == old["kind"] == "quiz":
        return False
    settings = [{name: one["settings"].get(name) or None for name in MATERIAL_SETTINGS} for one in (old, new)]
    return settings[0] != settings[1] or _items(old) != _items(new)


def _items(module: Document) -> list[tuple[str, int]]:
    return sorted((str(question["item_id"]), question["item_version"]) for question in module["questions"])


def aspects(old: Document, new: Document) -> set[str]:
    return {name for name in ASPECTS if old[name] != new[name]}


def _by_stem(document: Document) -> dict[uuid.UUID, Document]:
    return {module["stem_id"]: module for module in document["modules"]}


def moved(old: Sequence[Any], new: Sequence[Any]) -> set[Any]:
    """Of what is in both, what has another place among the others."""
    both = set(old) & set(new)
    before, after = [one for one in old if one in both], [one for one in new if one in both]
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return both - {after[block.b + n] for block in blocks for n in range(block.size)}


def _sections(old: Document, new: Document) -> Iterable[Change]:
    before, after = ([section["title"] for section in one["sections"]] for one in (old, new))
    yield from (Change("added", "section", title) for title in after if title not in before)
    yield from (Change("removed", "section", title) for title in before if title not in after)
    gone = moved(before, after)
    yield from (Change("moved", "section", title) for title in after if title in gone)


def _modules(old: Document, new: Document) -> Iterable[Change]:
    before, after = _by_stem(old), _by_stem(new)
    away = moved(list(before), list(after)) | {
        stem for stem in before.keys() & after.keys() if _section(old, before[stem]) != _section(new, after[stem])
    }
    for stem, module in after.items():
        if stem not in before:
            yield Change("added", module["kind"], module["title"], is_material=True)
            continue
        if found := _changed(before[stem], module):
            yield Change("changed", ", ".join(found), module["title"], _is_material(before[stem], module))
        if stem in away:
            yield Change("moved", module["kind"], module["title"])
    for stem, module in before.items():
        if stem not in after:
            yield Change("removed", module["kind"], module["title"])


def _section(document: Document, module: Document) -> str | None:
    titles = {section["id"]: section["title"] for section in document["sections"]}
    return titles.get(module["section_id"])


def _changed(old: Document, new: Document) -> list[str]:
    """Words for what differs in a module; its questions count as one thing."""
    found = [words for name, words in ASPECTS.items() if old[name] != new[name]]
    return found + (["questions"] if _asked(old) != _asked(new) else [])


def _asked(module: Document) -> list[Document]:
    """The questions without what is new in each copy: their ids, and those of their choices."""
    return [
        {name: value for name, value in question.items() if name not in ("id", "choices", "item_version")}
        | {"choices": [{k: v for k, v in choice.items() if k != "id"} for choice in question["choices"]]}
        for question in module["questions"]
    ]


def lines(old: str, new: str) -> list[dict[str, str]]:
    """A text as a line diff, whole: `op` is " ", "-" or "+"."""
    before, after = old.splitlines(), new.splitlines()
    found: list[dict[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            found += [{"op": " ", "text": line} for line in before[a:b]]
            continue
        found += [{"op": "-", "text": line} for line in before[a:b]]
        found += [{"op": "+", "text": line} for line in after[c:d]]
    return found


def _lines(old: object, new: object) -> list[dict[str, str]]:
    """Of texts that are too long to be read beside each other."""
    if not isinstance(old, str) or not isinstance(new, str):
        return []
    return lines(old, new) if "\n" in old + new or len(new) > 80 else []


def field_diffs(old: Document, new: Document, names: Iterable[str]) -> list[dict[str, Any]]:
    """The fields that differ, before and after; texts of several lines by line."""
    found = []
    for name in names:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        found.append({"name": name, "before": before, "after": after, "lines": _lines(before, after)})
    return found


def diff(old: Document, new: Document) -> dict[str, Any]:
    """Every field, section, module and question that differs; each module with what learners must do anew."""
    redo = must_redo(old, new)
    before, after = _by_stem(old), _by_stem(new)
    away = moved(list(before), list(after))
    modules = []
    for stem in [*after, *(stem for stem in before if stem not in after)]:
        one, other = before.get(stem), after.get(stem)
        entry = {
            "stem_id": stem,
            "title": (other or one or {})["title"],
            "kind": (other or one or {})["kind"],
            "change": "added" if one is None else "removed" if other is None else "changed",
            "is_moved": stem in away,
            "is_material": one is None or stem in redo,
            "fields": field_diffs(one, other, ASPECTS) if one and other else [],
            "questions": _question_diffs(one, other),
        }
        if entry["fields"] or entry["questions"] or entry["is_moved"] or entry["change"] != "changed":
            entry["change"] = "moved" if entry["change"] == "changed" and not _edits(entry) else entry["change"]
            modules.append(entry)
    return {
        "fields": field_diffs(old, new, FIELDS),
        "sections": [change.out() for change in _sections(old, new)],
        "modules": modules,
        "changes": [change.out() for change in changes(old, new)],
        "is_material": is_material(old, new),
    }


def _edits(entry: Document) -> bool:
    return bool(entry["fields"] or entry["questions"])


def is_material(old: Document, new: Document) -> bool:
    return any(change.is_material for change in changes(old, new))


QUESTION = ("kind", "prompt", "points", "feedback", "image", "spec", "choices")


def _question_diffs(old: Document | None, new: Document | None) -> list[dict[str, Any]]:
    """By item; questions of a module that is new or gone are new or gone with it."""
    if old is None or new is None:
        return []
    plain: Callable[[Document], dict[Any, Document]] = lambda module: {  # noqa: E731
        bare["item_id"]: bare for bare in _asked(module)
    }
    before, after = plain(old), plain(new)
    away, found = moved(list(before), list(after)), []
    for item in [*after, *(item for item in before if item not in after)]:
        one, other = before.get(item), after.get(item)
        fields = field_diffs(one, other, QUESTION) if one and other else []
        if one and other and not fields and item not in away:
            continue
        change = "added" if one is None else "removed" if other is None else "changed" if fields else "moved"
        found.append({"item_id": item, "prompt": (other or one or {})["prompt"], "change": change, "fields": fields})
    return found
