"""The dashboards as a client of the authorization server; asked at the first request, never at import."""

import os
from functools import cache

from dashboards.session import Sessions, Site

SCOPES = ("openid", "profile", "email", "courses", "reports", "people", "audit")


@cache
def sessions() -> Sessions:
    """Who is signed in to this process; the pages' scripts ask it for the viewer's token."""
    host, port = os.environ.get("PRAXIS_HOST", "127.0.0.1"), os.environ.get("PRAXIS_DASHBOARDS_PORT", "8501")
    url = os.environ.get("PRAXIS_PUBLIC_DASHBOARDS_URL", f"http://{host}:{port}").rstrip("/")
    return Sessions(Site("praxis-dashboards", url, SCOPES))
