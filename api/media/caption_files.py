"""Captions as people have them, WebVTT or SubRip (SRT), read strictly and written as WebVTT.

Cues only: styles and notes of the file are left out, so that every player shows captions as the page says.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
TIMING = re.compile(rf"{TIME}[ \t]+-->[ \t]+{TIME}(?:[ \t]+(.*))?")
SETTING = re.compile(r"(vertical|line|position|size|align):[\w%.,-]+")
LEFT_OUT = ("NOTE", "STYLE", "REGION")
SIGNATURE = re.compile(r"WEBVTT(?:[ \t].*)?")
MOST_CUES = 20_000
LONGEST_CUE = 1_000
"""Characters, more than fit on any screen."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class BadCaptions(ValueError):
    """`line` is counted from 1; 0 where it is about the whole file."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"Line {line}: {why}" if line else why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Cue:
    start_ms: int
    end_ms: int
    settings: str
    text: str


def decode(content: bytes) -> str:
    """UTF-8 or what a byte order mark tells; else the code page of western Windows, which old SRT files are in."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise BadCaptions(0, "The file is no text: save it as UTF-8.") from None


def parse(text: str) -> list[Cue]:
    """In the order of their times. BadCaptions names the line."""
    if "\0" in text:
        raise BadCaptions(0, "The file is no text: save it as UTF-8.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_vtt = bool(SIGNATURE.fullmatch(lines[0]))
    cues: list[Cue] = []
    for number, block in _blocks(lines, after_header=is_vtt):
        if is_vtt and block[0].split(" ")[0].split("\t")[0] in LEFT_OUT and "-->" not in block[0]:
            continue
        cues.append(_cue(number, block, is_vtt=is_vtt))
        if len(cues) > MOST_CUES:
            raise BadCaptions(number, f"more than {MOST_CUES:,} cues: these are not the captions of one video.")
    if not cues:
        raise BadCaptions(0, "There is no cue in it: give WebVTT or SRT with at least one.")
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def _blocks(lines: list[str], *, after_header: bool) -> Iterator[tuple[int, list[str]]]:
    """What stands between empty lines, with the number of its first line; a WebVTT header is a block of its own."""
    block: list[str] = []
    skip = after_header
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line.strip() if not block else line.rstrip())
        elif block:
            if not skip:
                yield number - len(block), block
            skip, block = False, []


def _cue(number: int, block: list[str], *, is_vtt: bool) -> Cue:
    at = 0 if "-->" in block[0] else 1
    if at >= len(block) or "-->" not in block[at]:
        raise BadCaptions(number + at - (at >= len(block)), "expected a time such as 00:01:02.500 --> 00:01:05.000.")
    number += at
    match = TIMING.fullmatch(block[at].strip())
    if match is None:
        raise BadCaptions(number, f"{block[at].strip()[:60]!r} is no time such as 00:01:02.500 --> 00:01:05.000.")
    start, end = _ms(number, match.groups()[:4]), _ms(number, match.groups()[4:8])
    if end <= start:
        raise BadCaptions(number, "the cue ends before it begins.")
    for offset, line in enumerate(block[at + 1 :], start=1):
        if "-->" in line:
            raise BadCaptions(number + offset, "an empty line is missing before the next time.")
    text = "\n".join(line if is_vtt else _from_srt(line) for line in block[at + 1 :]).strip()
    if len(text) > LONGEST_CUE:
        raise BadCaptions(number, f"the cue has more than {LONGEST_CUE:,} characters.")
    settings = " ".join(one for one in (match[9] or "").split() if SETTING.fullmatch(one)) if is_vtt else ""
    return Cue(start, end, settings, text or "\N{NO-BREAK SPACE}")


def _ms(number: int, parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    if minutes > 59 or seconds > 59:
        raise BadCaptions(number, "minutes and seconds go up to 59.")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


TAG = re.compile(r"</?([a-zA-Z][\w-]*)[^<>]*>")
PLACE = re.compile(r"\{\\[^{}]*\}")


def _from_srt(line: str) -> str:
    """Bold, italic and underlined stay; fonts, colours and places, which players of SRT invented, go."""
    line = PLACE.sub("", line)
    parts, at = [], 0
    for tag in TAG.finditer(line):
        parts.append(_escaped(line[at : tag.start()]))
        if tag[1].lower() in ("b", "i", "u"):
            parts.append(f"</{tag[1].lower()}>" if tag[0].startswith("</") else f"<{tag[1].lower()}>")
        at = tag.end()
    return "".join([*parts, _escaped(line[at:])])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_vtt(cues: list[Cue]) -> str:
    """As every browser reads it."""
    heads = [f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)} {cue.settings}".rstrip() for cue in cues]
    blocks = [f"{head}\n{cue.text}" for head, cue in zip(heads, cues, strict=True)]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


VARIANT = r"-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3})"
LANGUAGE = re.compile(rf"([a-z]{{2,3}})(?:-([a-z]{{4}}))?(?:-([a-z]{{2}}|\d{{3}}))?((?:{VARIANT})*)", re.IGNORECASE)


def language_tag(told: str) -> str | None:
    """BCP 47, written the usual way: de, pt-BR, zh-Hant; None for anything else."""
    match = LANGUAGE.fullmatch(told)
    if match is None:
        return None
    language, script, region, variants = match.groups()
    parts = [language.lower(), script.title() if script else "", (region or "").upper()]
    return "-".join(part for part in parts if part) + variants.lower()
