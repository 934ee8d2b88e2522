"""Who looks at the page, and what every page does about it."""

import re
from collections.abc import Callable
from html import escape
from typing import Any, NoReturn, TypeVar

import streamlit as st

from dashboards.client import ApiProblem, Client
from dashboards.door import cookie_name
from dashboards.site import sessions

T = TypeVar("T")

STYLE = """
<style>
.stApp { background: #f3f6fa }
[data-testid="stHeader"] { background: #f3f6fa }
[data-testid="stSidebarHeader"]::before { content: "Praxis"; font-size: 1.25rem; font-weight: 650; color: #fff }
.block-container { padding-top: 3.2rem; max-width: 1180px }
[data-testid="stMetric"], [class*="st-key-card"] { background: #fff; box-shadow: 0 1px 2px rgb(16 32 56 / 6%) }
[data-testid="stMetricValue"] { font-weight: 650 }
[data-testid="stCaptionContainer"] { opacity: 1; color: #56616f }
[data-testid="stMain"] h2 { padding: .2rem 0 .4rem }
[data-testid="stSidebar"] a:focus-visible { outline: 2px solid #8fb9e6 }
.praxis-who { color: #c6d2e2; font-size: .85rem; line-height: 1.4 }
.praxis-who a { color: #fff }
@media (max-width: 640px) {
  [data-testid="stHorizontalBlock"]:has([data-testid="stMetric"]) > [data-testid="stColumn"] {
    min-width: calc(50% - .6rem)
  }
}
</style>
"""


def plain(text: str) -> str:
    """A text that people wrote, so that none of it acts as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:-])", r"\\\1", text)


def client() -> Client:
    """The API with the viewer's token, renewed when it is due; once the sign-in has ended, off to a new one."""
    session = sessions().find(st.context.cookies.get(cookie_name(sessions().site)))
    token = session.access_token() if session else None
    if token is None:
        leave()
    return Client(token)


def leave() -> NoReturn:
    """Send the browser to sign in again and come back here."""
    st.html('<script src="/door/leave.js"></script>', unsafe_allow_javascript=True)
    st.markdown("[Sign in again](/sign-in)")
    st.stop()


def ask(question: Callable[[], T], *, waiting: str = "Reading the newest numbers …") -> T:
    """The API's answer; its problems as a sentence on the page, an ended session as a new sign-in."""
    try:
        with st.spinner(waiting, show_time=False):
            return question()
    except ApiProblem as problem:
        if problem.status == 401:
            leave()
        show_problem(problem)
        st.stop()


def show_problem(problem: ApiProblem) -> None:
    icon = ":material/hourglass_top:" if problem.status == 503 else ":material/info:"
    st.info(f"**{problem.title}**  \n{problem.detail}", icon=icon)
    if problem.status == 503 and st.button("Try again", type="primary"):
        st.rerun()


def me(api: Client) -> dict[str, Any]:
    """Asked once a session: the team's size only decides which pages are offered."""
    if "me" not in st.session_state:
        st.session_state["me"] = ask(api.me, waiting="Signing you in …")
    return dict(st.session_state["me"])


def side(person: dict[str, Any]) -> None:
    """Whose page this is, and the way out."""
    job = " · ".join(filter(None, [person["job_title"], person["org_unit"]]))
    st.sidebar.html(
        f'<div class="praxis-who"><strong>{escape(person["person"]["name"])}</strong><br>{escape(job)}<br>'
        '<a href="/sign-out" target="_self">Sign out</a></div>'
    )
