"""Programs of npm that tests run, installed once a checkout, as their lock file pins them."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import fasteners
import pytest

from api.core.settings import ROOT


def installed(here: Path, program: str) -> Path:
    """The folder to run `program` of `here` in; skips with the reason where npm isn't there or can't install."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("no Node.js and npm on this machine: ./praxis test installs them where it may")
    lock = (here / "package-lock.json").read_bytes()
    folder = ROOT / "data" / "local" / "npm" / hashlib.sha256(lock).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with fasteners.InterProcessLock(folder / "lock"):
        if not (folder / "done").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(here / name, folder)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                pytest.skip(f"npm can't install what {program} needs: {done.stderr[-300:]}")
            (folder / "done").touch()
    shutil.copy(here / program, folder)
    return folder
