"""Plain text that people wrote for people: kept as it is, but for characters that steer."""

import re
import unicodedata


def plain(given: str) -> str:
    """Neither controls nor changes of direction, and no more than one empty line in a row."""
    spaced = re.sub(r"[^\S\n]+", " ", given.replace("\r\n", "\n"))
    kept = (c for c in spaced if c in "\n\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
