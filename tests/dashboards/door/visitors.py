"""A browser without scripts: cookies, redirects, and the headers that browsers send."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect

from api.core.settings import Settings

PASSWORD = "correct horse battery"
PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


class Visitor(httpx.Client):
    """One browser; `at` is the site it looks at."""

    def __init__(self, settings: Settings, at: str = "dashboards") -> None:
        self.api_url = settings.api_url
        self.site = settings.dagster_url if at == "dagster" else settings.dashboards_url
        self.name = f"praxis_session_{urlsplit(self.site).port}"
        super().__init__(base_url=self.site, headers=PAGE, timeout=20)

    def visit(self, path: str = "/") -> httpx.Response:
        """Where a person ends up."""
        return self.get(path, follow_redirects=True)

    def until_callback(self, email: str, path: str = "/") -> str:
        """Signs in at the authorization server; the address that leads back, not yet opened."""
        form = self.visit(path)
        assert form.url.path == "/sign-in", form.url
        following = parse_qs(form.url.query.decode())["next"][0]
        answer = self.post(
            f"{self.api_url}/sign-in",
            data={"email": email, "password": PASSWORD, "next": following},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        return self.get(self.api_url + answer.headers["location"]).headers["location"]

    def sign_in(self, email: str, path: str = "/") -> httpx.Response:
        return self.get(self.until_callback(email, path), follow_redirects=True)

    @property
    def cookie(self) -> str | None:
        """The secret of the site's session."""
        return self.cookies.get(self.name)

    def asks(self, path: str = "/door/session", **headers: str) -> httpx.Response:
        """What a script of the page asks."""
        return self.get(path, headers={"Accept": "*/*", **FETCH, **headers})

    def flow(self) -> tuple[str, str]:
        """(name, value) of the cookie of the sign-in on its way."""
        return next((n, v) for n, v in self.cookies.items() if "_flow_" in n)


FETCH = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}


def with_query(address: str, **changes: Any) -> str:
    """The same address with other parameters; None takes one away."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    kept = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=str(httpx.QueryParams(kept))).geturl()


def stream(visitor: Visitor, path: str = "/_stcore/stream", *, origin: str | None = None) -> ClientConnection:
    """The websocket that a page opens, with the browser's cookies."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    address = visitor.site.replace("http", "ws", 1) + path
    protocol = "graphql-ws" if path == "/graphql" else "streamlit"
    return connect(
        address,
        origin=origin or visitor.site,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies},
        subprotocols=[protocol],  # type: ignore[list-item]
        proxy=None,
    )
