"""Requests to another host, on a short leash: https only, no redirect followed, so many bytes and seconds at most."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
MOST_BYTES = 256 * 1024
TIMEOUT = httpx.Timeout(5)
WITHIN_S = 10.0
"""For a whole exchange, however slowly its bytes drip: `asyncio.timeout(WITHIN_S)` around it."""


class OutboundRefused(httpx.TransportError):
    """An answer, or an address, that is not taken."""


def is_safe(address: str, *, allow_loopback: bool) -> bool:
    """https with a host and without a password in it; plain http only to this machine, where that is allowed."""
    try:
        parts = urlsplit(address)
        is_plain = (
            address.isascii()
            and address.isprintable()
            and "@" not in parts.netloc
            and bool(parts.hostname)
            and not parts.fragment
        )
    except ValueError:
        return False
    is_here = parts.hostname in LOOPBACK
    return is_plain and (
        (parts.scheme == "https" and (allow_loopback or not is_here))
        or (parts.scheme == "http" and is_here and allow_loopback)
    )


class Leash(httpx.AsyncHTTPTransport):
    """Also for libraries that bring their own client: it goes in as `transport`."""

    def __init__(self, *, allow_loopback: bool, proxy: str | None = None) -> None:
        super().__init__(proxy=proxy)
        self.allow_loopback = allow_loopback

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not is_safe(str(request.url), allow_loopback=self.allow_loopback):
            raise OutboundRefused(f"{request.url.host} is not asked: its address must be https.")
        request.headers["Accept-Encoding"] = "identity"
        response = await super().handle_async_request(request)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            await response.aclose()
            raise OutboundRefused("The answer is compressed, which was not asked for.")
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Counted(response.stream)
        return response


class _Counted(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for part in self._stream:
            received += len(part)
            if received > MOST_BYTES:
                raise OutboundRefused(f"The answer has more than {MOST_BYTES} bytes.")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
