"""What must not be in a log, taken out of any value: secrets wholly, personal data as far as it names a person."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

GONE = "***"
SECRET_KEY = re.compile(
    r"passw|secret|token|cookie|authorization|credential|signature|verifier|assertion|private|"
    r"^(code|state|nonce|key|hash|sid|session)$|_(key|hash|code)$",
    re.IGNORECASE,
)
PERSONAL_KEY = re.compile(
    r"^(name|display_name|full_name|given_name|family_name|first_name|last_name|preferred_name|username|person|"
    r"manager|employee|learner|(person|manager|employee|learner|owner|actor)_name)$",
    re.IGNORECASE,
)
NAMES = (
    r"password|passwd|current|again|client_secret|secret|access_token|refresh_token|id_token_hint|id_token|token|"
    r"code_verifier|code_challenge|code|state|nonce|signature|assertion|SAMLResponse"
)
SIGN = r"(?:=|%3D|%253D)"

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # name=value in an address or a form, also where it is quoted inside another address
    (re.compile(rf"(?i)((?:^|[?&;\s'\"]|%3F|%26|%253F|%2526)(?:{NAMES}){SIGN})[^&\s'\"<>%;,)]+"), rf"\1{GONE}"),
    # 'name': 'value' of JSON, of a dict's repr and of a dataclass's
    (re.compile(rf"(?i)(\b(?:{NAMES})\\?['\"]?\s*[:=]\s*b?\\?['\"])[^'\"\\]+"), rf"\1{GONE}"),
    (re.compile(r"(?i)\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}"), rf"\1 {GONE}"),
    (re.compile(r"(?i)((?:__Host-)?praxis_\w+=)[^;\s'\",]+"), rf"\1{GONE}"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"), GONE),
    (re.compile(r"\$argon2[\w$=,+/.-]*"), GONE),
    (re.compile(r"(\w+://[^\s:/@'\"]*:)[^\s@'\"/]+@"), rf"\1{GONE}@"),
    # random texts of 128 bits and more, such as codes, refresh tokens and session secrets
    (re.compile(r"(?<![\w./-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,}(?![\w/-])"), GONE),
    (re.compile(r"([\w+])[\w.+'-]*(?:@|%40)((?:[\w-]+\.)+[A-Za-z]{2,})"), rf"\1{GONE}@\2"),
)
ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w.]*\w)", re.ASCII
)


def masked(text: str) -> str:
    """The same text without what is secret, e-mails with their first letter, addresses without their last part."""
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return ADDRESS.sub(lambda found: _network(found[0]), text)


def masked_value(value: Any, key: str = "") -> Any:
    """At any depth; a key says what its value is, whatever that looks like."""
    if key and SECRET_KEY.search(key) and not isinstance(value, bool | int | float | None):
        return GONE
    if isinstance(value, Mapping):
        return {masked(str(name)): masked_value(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked_value(inner, key) for inner in value]
    if isinstance(value, bool | int | float | None):
        return value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if key and PERSONAL_KEY.search(key) and text:
        return f"{text[0]}{GONE}"
    return masked(text)


def _network(text: str) -> str:
    """Of an address of this machine nothing is hidden: it is nobody's."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.is_loopback or address.is_unspecified:
        return text
    kept = 24 if address.version == 4 else 48
    network = ipaddress.ip_network((address, kept), strict=False).network_address
    return str(network).rpartition(".")[0] + ".*" if address.version == 4 else f"{network}*"
