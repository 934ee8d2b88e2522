"""Praxis' own sites. Asked of the environment when they are needed, never at import."""

from functools import cache

from dashboards.client import public_url
from dashboards.session import Sessions
from dashboards.sign_in import Site


def dashboards_site() -> Site:
    scopes = ("openid", "profile", "email", "courses", "reports", "people", "audit", "pipelines")
    return Site("praxis-dashboards", public_url("dashboards", 8501), scopes)


def dagster_site() -> Site:
    """For the data role alone: whoever comes in may run and change the pipelines, so an auditor may not."""
    return Site("praxis-dagster", public_url("dagster", 3000), ("openid", "pipelines"), needs="pipelines")


@cache
def sessions() -> Sessions:
    """Who is signed in to the dashboards in this process; the pages' scripts ask it for the viewer's token."""
    return Sessions(dashboards_site())
