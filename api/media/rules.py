"""What tus headers say, and names of files: plain values, no I/O."""

import base64
import binascii
import re
import unicodedata

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
LONGEST_NAME = 200
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*]")
KIND_OF_ROUTE = {"upload-video": ("video",), "upload-material": ("document", "image", "package")}


def metadata(header: str) -> dict[str, str]:
    """Upload-Metadata: `key base64, key base64`; ValueError says which pair is wrong."""
    told: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        if not key:
            continue
        try:
            told[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise ValueError(f"The value of {key[:40]!r} in Upload-Metadata is not UTF-8 text in base64.") from None
    return told


def checksum(header: str) -> tuple[str, bytes]:
    """Upload-Checksum: `algorithm base64`; ValueError says what is wrong."""
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise ValueError(f"Upload-Checksum takes {', '.join(ALGORITHMS)}.")
    try:
        return algorithm, base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("The digest in Upload-Checksum is not in base64.") from None


def file_name(told: str | None) -> str:
    """The last part of a name that a client gave, without what a file system or a header could take for more."""
    name = unicodedata.normalize("NFC", (told or "").replace("\\", "/")).rsplit("/", 1)[-1]
    name = FORBIDDEN.sub("", name).strip(". ")
    if len(name) > LONGEST_NAME:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[: LONGEST_NAME - 20]}{dot}{suffix[:19]}" if dot else name[:LONGEST_NAME]
    return name or "file"


def is_sha256(told: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", told) is not None
