"""What every answer tells a browser not to do. What a route or page says for itself stays."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.core.content_site import PACKAGES
from api.core.settings import Settings

YEAR_S = 365 * 86400
NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For answers that are data: opened as a page they load, run and frame nothing."""

POWERS = (
    "camera",
    "microphone",
    "geolocation",
    "payment",
    "usb",
    "serial",
    "hid",
    "midi",
    "display-capture",
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would send `Origin: null` with our own forms
    "Permissions-Policy": ", ".join(f"{power}=()" for power in POWERS),
    "Cross-Origin-Opener-Policy": "same-origin",
}
DATA = {
    "Content-Security-Policy": NO_PAGE,
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PACKAGE = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'self'; base-uri 'self';"
    " form-action 'self'"
)
FILES = {**DATA, "Cache-Control": "public, max-age=3600"}


def _of_packages(settings: Settings) -> str:
    """Packages run what they bring along, reach nobody but their own site, and are framed by our pages only.

    Without a site of their own they get one that is nobody's (sandbox), also when opened by themselves.
    """
    told = f"{PACKAGE}; frame-ancestors 'self' {settings.api_url}"
    return told if settings.has_content_site else f"{told}; sandbox allow-scripts allow-forms allow-popups allow-modals"


class SecurityHeaders:
    """HSTS only where browsers reach us by https, and for this host alone: others of the company may not have it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.everywhere = {**EVERYWHERE}
        if settings.is_https:
            self.everywhere["Strict-Transport-Security"] = f"max-age={YEAR_S}"
        framed_by = f"frame-ancestors 'self' {settings.dashboards_url}"
        media_csp = f"default-src 'none'; img-src 'self'; media-src 'self'; base-uri 'none'; {framed_by}"
        self.media = {
            "Content-Security-Policy": media_csp,  # an uploaded page or drawing runs no script
            "Cross-Origin-Resource-Policy": "same-site",  # the dashboards show them from another port or subdomain
            "Cache-Control": "no-store",
        }
        self.packages = {
            "Content-Security-Policy": _of_packages(settings),
            "Cross-Origin-Resource-Policy": "same-origin" if settings.has_content_site else "cross-origin",
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        defaults = {**self._of(scope["path"]), **self.everywhere}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded)

    def _of(self, path: str) -> dict[str, str]:
        if path.startswith("/media/"):
            return self.media
        if path.startswith(PACKAGES):
            return self.packages
        return FILES if path.startswith(("/static/", "/static-offline-docs/")) else DATA
