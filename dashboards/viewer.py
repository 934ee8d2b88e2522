"""Who looks at the page, and what every page does about it."""

import re
from collections.abc import Callable
from html import escape
from typing import Any, NoReturn, TypeVar

import streamlit as st

from dashboards.client import ApiProblem, Client, public_url
from dashboards.sign_in import issuer
from dashboards.site import sessions

T = TypeVar("T")
WHOSE = "whose"
ROLES = {"auditor": "Auditor", "creator": "Course creator", "hr_data": "HR data", "officer": "Compliance officer"}

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
    """The API with the viewer's own token, as it is at each request; without a sign-in, off to one."""
    session = sessions().find(st.context.cookies.get(sessions().site.cookie("session")))
    if session is None:
        leave()
    if st.session_state.get(WHOSE) != session.name:  # a page that was open before somebody else signed in
        st.session_state.clear()
        st.session_state[WHOSE] = session.name
    return Client(session.access_token)


def leave() -> NoReturn:
    """The page's script leads to the sign-in; here is the way for whom it doesn't."""
    st.info("You are signed out.", icon=":material/logout:")
    st.html('<a href="/sign-in" target="_self">Sign in</a>')
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
    """Asked once a session: roles and the team's size only decide which pages are offered."""
    if "me" not in st.session_state:
        st.session_state["me"] = ask(api.me, waiting="Signing you in …")
    return dict(st.session_state["me"])


def side(who: dict[str, Any]) -> None:
    """Whose pages these are, and the ways on. An account without a person, as an auditor's, has an address only."""
    person, roles = who["person"], set(who["roles"])
    job = [who["job_title"], who["org_unit"]] if person else [ROLES.get(role) for role in sorted(roles)]
    ways = [(f"{issuer()}/account", "Your account"), ("/sign-out", "Sign out")]
    if "hr_data" in roles:
        ways.insert(0, (public_url("dagster", 3000), "Data pipelines"))
    if "creator" in roles:
        ways.insert(0, (f"{issuer()}/studio", "Course studio"))
    lines = [f"<strong>{escape(person['name'] if person else who['email'] or 'Signed in')}</strong>"]
    lines += [escape(" · ".join(filter(None, job)))] if any(job) else []
    lines += [f'<a href="{escape(address)}" target="_self">{words}</a>' for address, words in ways]
    st.sidebar.html(f'<div class="praxis-who">{"<br>".join(lines)}</div>')
