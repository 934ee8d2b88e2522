"""A small HTTP load client on plain asyncio streams, because a library would be the bottleneck."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Request = Callable[[int], bytes]
"""The bytes of the n-th request of a client."""


@dataclass(frozen=True)
class Load:
    """Requests a second and latencies in ms of one run."""

    rate: float
    p50_ms: float
    p99_ms: float


def get(path: str, token: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def post(path: str, token: str, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    await reader.readexactly(length)
    return int(lines[0].split(" ")[1])


async def _client(port: int, requests: Request, end: float, latencies: list[float], every_s: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while time.perf_counter() < end:
        message = requests(number)
        began = time.perf_counter()
        writer.write(message)
        status = await _answer(reader)
        latencies.append(time.perf_counter() - began)
        if status >= 300:
            raise RuntimeError(f"answered {status} to {message[:200]!r}")
        number += 1
        await asyncio.sleep(max(0.0, began + every_s - time.perf_counter()) if every_s else 0)
    writer.close()


async def _all(port: int, clients: list[Request], seconds: float, every_s: float) -> Load:
    latencies: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(_client(port, requests, began + seconds, latencies, every_s) for requests in clients))
    cuts = statistics.quantiles(latencies, n=100)
    return Load(len(latencies) / (time.perf_counter() - began), 1000 * cuts[49], 1000 * cuts[98])


def run(port: int, clients: list[Request], seconds: float, *, every_s: float = 0) -> Load:
    """One request after another, or one in `every_s` of each client, as people send them."""
    return asyncio.run(_all(port, clients, seconds, every_s))
