"""A real S3-compatible server for tests: SeaweedFS from its package, on free ports of this machine alone."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.processes import free_port

KEY, SECRET, BUCKET = "praxis", "only-in-tests", "praxis"
PORTS = ("master", "volume", "filer")
CLOSED = ("-webdav=false", "-admin.ui=false", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0")


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Its address; there is a bucket BUCKET."""
    folder.mkdir(parents=True, exist_ok=True)
    credentials = {"accessKey": KEY, "secretKey": SECRET}
    config = folder / "s3.json"
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    config.write_text(json.dumps({"identities": [{"name": KEY, "credentials": [credentials], "actions": actions}]}))
    ports = [f"-{name}.port{kind}={free_port()}" for name in PORTS for kind in ("", ".grpc")]
    s3 = free_port()
    ports += [f"-s3.port={s3}", f"-s3.port.grpc={free_port()}", f"-admin.port={free_port()}"]
    ports += [f"-admin.port.grpc={free_port()}"]
    place = ("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", f"-s3.config={config}", f"-bucket={BUCKET}")
    command = [str(Path(sys.executable).parent / "weed"), "mini", *place, *ports, *CLOSED]
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _await(f"http://127.0.0.1:{s3}/{BUCKET}/nothing", process, folder / "weed.log")
        yield f"http://127.0.0.1:{s3}"
    finally:
        process.kill()  # it holds nothing that is wanted, and ends by itself after 20 s only
        process.wait(20)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code in (403, 404):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the S3 server did not start: {log.read_text()[-3000:]}")
