"""Each request draws on a budget before anything else is done for it; each answer says what is left."""

import base64
import binascii
import ipaddress
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.core.ratelimit import RateLimits, TooManyRequests
from api.core.ratelimit_rules import budget_of

LONGEST_CLIENT = 100
WhoIsIt = Callable[[HTTPConnection], Awaitable[str | None]]
Refusal = Callable[[TooManyRequests, Request], Response]


class RateLimitGuard:
    """`who_is_it` names the account and client that a request proves to come from, or nobody."""

    def __init__(self, app: ASGIApp, who_is_it: WhoIsIt, refusal: Refusal) -> None:
        self.app, self.who_is_it, self.refusal = app, who_is_it, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = None
        if scope["type"] == "http":
            name = budget_of(scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
        if name is None:
            await self.app(scope, receive, send)
            return
        limits: RateLimits = scope["app"].state.limits
        who = await self._key(name, scope) if limits.storage else ()
        answer = await limits.take(name, *who)
        if answer is None:
            await self.app(scope, receive, send)
            return
        said = answer.headers()
        if answer.is_refused:
            refused = self.refusal(answer.problem(), Request(scope))
            refused.headers.update(said)
            await refused(scope, receive, send)
            return
        status = 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(said)
            await send(message)

        await self.app(scope, receive, told)
        if answer.budget.is_guarded and status < 400:
            await limits.give_back(name, *who)

    async def _key(self, name: str, scope: Scope) -> tuple[str, ...]:
        """Guesses by address alone: whoever guesses is nobody yet."""
        address = network_of(scope.get("client"))
        if name == "sign_in":
            return (address,)
        if name in ("token", "clients"):
            return (address, _client(Headers(scope=scope)))
        known = await self.who_is_it(HTTPConnection(scope))
        return (known,) if known else (address,)


def network_of(client: tuple[str, int] | None) -> str:
    """The address, of IPv6 the network: a household has 2^64 of them."""
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _client(headers: Headers) -> str:
    """Who the client says it is. Together with the address, so that nobody uses up another's budget."""
    kind, _, told = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return "-"
    try:
        return base64.b64decode(told, validate=True).decode().partition(":")[0][:LONGEST_CLIENT]
    except (binascii.Error, ValueError):
        return "-"
