"""No secret is in the repository: detect-secrets over every tracked file, with its detectors and entropy limits."""

import re
from pathlib import Path

import pytest
from detect_secrets import SecretsCollection
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.settings import default_settings
from test_budgets import ROOT, tracked

KNOWN = {
    "api/core/mail.py": "how an address with a password is written",
    "api/core/mail_settings.py": "how an address with a password is written",
    "docs/notifications.md": "how an address with a password is written",
    "api/credentials/rules.py": "an alphabet",
    "api/identity/audit_chain.py": "SHA-256 of functions' sources, public by their nature",
    "api/identity/audit_schemas.py": "the example of a hash",
    "api/identity/oauth_schemas.py": "examples: a token whose signature is 'signature', RFC 7636's own verifier",
    "api/media/packages_router.py": "the example of a hash",
    "api/media/router.py": "the example of a hash",
    "api/reports/schemas.py": "the example of a checksum",
    "api/web/account.py": "a sentence about a password",
    "data/demo/journeys.py": "an alphabet",
    "tests/api/core/crashing.py": "an invented secret that must not reach the log",
    "tests/api/core/test_logs.py": "invented secrets that must not reach the log",
    "tests/api/identity/company/conftest.py": "the password of an invented client of an invented provider",
    "tests/api/identity/test_audit_records.py": "an invented secret that must not reach the audit log",
    "tests/api/media/test_packages.py": "the name of a real package",
    "tests/api/attacks/places.py": "RFC 7636's own challenge",
}
"""Files in which something looks like a secret and is none. Only ever shorter, or with a reason."""

VENDOR = ROOT / "api" / "web" / "static" / "vendor"
"""Scripts of others, as their packages publish them: minified, so full of what looks random."""


def is_word(name: str, found: PotentialSecret) -> bool:
    """Passwords of people that tests invent are words; one that a machine made has digits."""
    is_invented = re.fullmatch(r"[A-Za-z][A-Za-z ,.'-]*", found.secret_value or "")
    return name.startswith("tests/") and found.type == "Secret Keyword" and bool(is_invented)


def secrets_in(root: Path, *paths: Path) -> dict[str, int]:
    """The line of one of them by file."""
    found = SecretsCollection(root=str(root))
    with default_settings():
        for path in paths:
            found.scan_file(str(path.relative_to(root)))
    return {name: secret.line_number for name, secret in found if not is_word(name, secret)}


def test_no_secret_is_in_the_repository() -> None:
    found = secrets_in(ROOT, *(path for path in tracked("") if VENDOR not in path.parents))
    assert {name: line for name, line in found.items() if name not in KNOWN} == {}


@pytest.mark.parametrize(
    "leak",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "AWS = 'AKIA" + "QX7PLM2ZWTRV6NBD'",
        "password = 'hunter2" + "-Zq81x'",
        "token = 'ghp_" + "k3J9d" * 7 + "x'",
        "url = 'postgresql://praxis:s3cr" + "et9@db/praxis'",
    ],
    ids=["key", "AWS", "password", "GitHub", "database"],
)
def test_a_secret_would_be_found(tmp_path: Path, leak: str) -> None:
    (tmp_path / "tests").mkdir()
    path = tmp_path / "tests" / "leaked.py"
    path.write_text(leak + "\n")
    assert secrets_in(tmp_path, path)
