"""Whether a package that is installed here has a known vulnerability: pip-audit against the OSV database.

OSV and not the package index, whose answer for a package it doesn't know would look like a clean one. The database is
on the network and nowhere else; without it this says so and judges nothing.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from stack.screen import say

OSV = "https://api.osv.dev/v1/query"
NOT_CHECKED = 75
"""The code for 'could not be judged now' (EX_TEMPFAIL of sysexits.h)."""

AWAY = re.compile(r"ConnectionError|ServiceError|Timeout|Max retries|HTTPError|JSONDecodeError")


def main(url: str = OSV) -> int:
    """0 nothing is known, 1 something is, or pip-audit itself failed, NOT_CHECKED where the database can't be asked."""
    tool = Path(sys.executable).parent / "pip-audit"
    command = [tool, "--vulnerability-service", "osv", "--osv-url", url, "--format", "json", "--timeout", "10"]
    quiet = ["--skip-editable", "--progress-spinner", "off", "--desc", "off"]
    run = subprocess.run([*command, *quiet], capture_output=True, text=True, check=False)
    try:
        told = json.loads(run.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        if AWAY.search(run.stderr):
            say(f"NOT CHECKED: the advisory database at {url} can't be reached; run this again with network.")
            return NOT_CHECKED
        say(f"pip-audit failed: {run.stderr.strip()[-500:]}")
        return 1
    return _judged(told)


def _judged(told: list[dict]) -> int:
    asked = [package for package in told if "skip_reason" not in package]
    bad = [(package, found) for package in asked for found in package["vulns"]]
    for package, found in bad:
        fixed = ", ".join(found["fix_versions"]) or "no version yet"
        say(f"{package['name']} {package['version']}: {found['id']}, fixed in {fixed}")
    say(f"{len(asked)} packages, {len(bad)} known vulnerabilities")
    return 1 if bad or not asked else 0


if __name__ == "__main__":
    sys.exit(main())
