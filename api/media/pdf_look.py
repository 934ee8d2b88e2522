"""Counts the pages of a PDF; runs as a process of its own, see documents.py: `python -m api.media.pdf_look FILE`.

Writes `{"pages": n}`, or `{"refused": "..."}` with a sentence for who gave the file.
"""

import json
import logging
import sys

from pypdf import PdfReader
from pypdf.errors import PyPdfError

LOCKED = "The PDF is locked with a password: save it without one."
BROKEN = "The PDF is damaged and can't be read: export it again."
EMPTY = "The PDF has no page: export it again."


def look(path: str) -> dict[str, object]:
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            return {"refused": LOCKED}
        pages = len(reader.pages)
    except (PyPdfError, NotImplementedError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        return {"refused": BROKEN}
    return {"pages": pages} if pages else {"refused": EMPTY}


if __name__ == "__main__":
    logging.disable()
    sys.stdout.write(json.dumps(look(sys.argv[1])) + "\n")
