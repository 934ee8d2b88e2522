"""How a search is asked: what its words mean, and where a page starts."""

import base64
import binascii
import difflib
import re
from dataclasses import dataclass
from typing import Literal, get_args

from api.core.errors import ProblemError

Sort = Literal["relevance", "title", "newest", "rating", "popular", "duration"]
SORTS: tuple[Sort, ...] = get_args(Sort)
DEEPEST = 10_000
ALIKE = 0.6
"""How alike a word and one of a title must be to be meant by it; of 1."""


class BadCursor(ProblemError):
    status = 422
    title = "The cursor is not one of ours"


@dataclass(frozen=True, slots=True)
class Asked:
    """All that decides an answer, so its key where answers are remembered."""

    search: str = ""
    category: str = ""
    difficulty: str = ""
    language: str = ""
    skill: str = ""
    max_minutes: int | None = None
    sort: Sort = "relevance"
    facets: bool = False
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """`beginning` may be half typed; `without` are words that may not occur."""

    words: str
    beginning: str = ""
    without: str = ""


def words_of(search: str) -> Words:
    """As people write in a search box: words, "a phrase", -without, one or another."""
    unwanted = re.findall(r"(?:^|(?<=\s))-(\w[\w-]*)", search)
    wanted = re.sub(r"(?:^|(?<=\s))-\w[\w-]*", " ", search).strip()
    without = " or ".join(unwanted)
    last = re.search(r"(?:^|\s)(\w+)$", wanted)
    if last is None or '"' in wanted or re.search(r"\sor\s", wanted, re.IGNORECASE):
        return Words(wanted, "", without)
    if len(last[1]) == 1:  # too many words begin so
        return Words(wanted, "", without)
    return Words(wanted[: last.start()].strip(), last[1], without)


def meant_by(search: str, names: list[str]) -> str:
    """`search` with each word that no name has replaced by the most alike one of them; "" where none is alike."""
    known = {word.casefold(): word for name in names for word in re.findall(r"\w+", name) if not word.isdecimal()}
    said = re.findall(r"\w+", search)
    told = []
    for word in said:
        if word.casefold() in known or len(word) < 4:
            told.append(word)
        elif close := difflib.get_close_matches(word.casefold(), known, n=1, cutoff=ALIKE):
            told.append(close[0])
    return " ".join(told) if told != said and any(len(word) > 3 for word in told) else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts; `is_alike` once no course had the words and what looks alike is listed."""

    offset: int = 0
    is_alike: bool = False
    sort: Sort = "relevance"


def encode_cursor(place: Place) -> str:
    told = f"{'a' if place.is_alike else 'o'}{place.offset}.{SORTS.index(place.sort)}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, sort: Sort) -> Place:
    if not cursor:
        return Place(sort=sort)
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        known = re.fullmatch(r"([ao])([0-9]{1,9})(?:\.([0-5]))?", told, re.ASCII)
    except (ValueError, binascii.Error):
        known = None
    if known is None or SORTS[int(known[3] or 0)] != sort:
        raise BadCursor("Send `cursor` as an earlier answer of the same `sort` gave it in `next`, or leave it out.")
    if int(known[2]) > DEEPEST:
        raise BadCursor(f"No more than {DEEPEST} courses are listed: narrow the search.")
    return Place(int(known[2]), known[1] == "a", sort)
