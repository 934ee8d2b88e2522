"""What Streamlit runs for each viewer: the pages that this person may use."""

from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboards import viewer
from dashboards.views import access, audit, creator, hr, manager, nothing, people, person, reports, schedules


def _data_team() -> None:
    hr.page()


def _schedules() -> StreamlitPage:
    return st.Page(schedules.page, title="Schedules", icon=":material/schedule_send:", url_path="schedules")


def pages(who: dict[str, Any]) -> dict[str, list[StreamlitPage]]:
    offered: dict[str, list[StreamlitPage]] = {}
    roles = set(who["roles"])
    leads = who["team_size"] or who["acts_for"]
    if leads or roles & {"officer", "auditor"}:
        section = "Manager" if leads else "Compliance"
        # Of one person: nobody is offered it, the others lead there.
        one = st.Page(person.page, title="Person", icon=":material/person:", url_path="person", visibility="hidden")
        st.session_state["person_page"] = one
        offered[section] = [
            st.Page(manager.page, title="Team compliance", icon=":material/groups:", url_path="team", default=True),
            st.Page(people.page, title="People", icon=":material/badge:", url_path="people"),
            st.Page(reports.page, title="Reports", icon=":material/description:", url_path="reports"),
            *([] if "auditor" in roles else [_schedules()]),  # who writes nothing schedules nothing
            one,
        ]
    if "creator" in roles:
        offered["Creator"] = [
            st.Page(
                creator.page,
                title="Course insight",
                icon=":material/insights:",
                url_path="courses",
                default=not offered,
            )
        ]
    if who["reach"]["everyone"] and {"officer", "auditor"} & roles:  # the log speaks of the whole company
        page = st.Page(audit.page, title="Audit log", icon=":material/policy:", url_path="audit", default=not offered)
        offered["Oversight"] = [page]
    if "hr_data" in roles:
        title, icon = "HR data", ":material/sync_alt:"
        # Of a first page Streamlit knows no address but /, and notices lead to /hr.
        first = [] if offered else [st.Page(_data_team, title=title, icon=icon, default=True)]
        hidden: Literal["visible", "hidden"] = "hidden" if first else "visible"
        offered["Data"] = [*first, st.Page(hr.page, title=title, icon=icon, url_path="hr", visibility=hidden)]
    if not offered:
        offered["Praxis"] = [st.Page(nothing.page, title="Welcome", default=True)]
    if {"officer", "auditor", "hr_data"} & roles:
        page = st.Page(access.page, title="Roles", icon=":material/key:", url_path="roles")
        offered.setdefault("Oversight", []).append(page)
    return offered


# A file of our own: an icon by name would be fetched from another host.
st.set_page_config(page_title="Praxis", page_icon=str(Path(__file__).parent / "static" / "icon.png"), layout="wide")
st.html(viewer.STYLE)
who = viewer.me(viewer.client())
chosen = st.navigation(pages(who))
viewer.side(who)
chosen.run()
