"""One person's page: what they must learn, all they are enrolled in, and a reminder where something is due."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import Client
from dashboards.views import freshness, remind

PERCENT = st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d %%")
DAY = st.column_config.DatetimeColumn(format="DD MMM YYYY")
BADGES = {
    "compliant": ("green", "done"),
    "overdue": ("red", "overdue"),
    "due_soon": ("orange", "due soon"),
    "waived": ("blue", "waived"),
    "open": ("gray", "open"),
}
VIA = {
    "team": "in your line",
    "dotted": "by a dotted line",
    "delegated": "while you act for somebody",
    "role": "by role",
}

Item = dict[str, Any]


def page() -> None:
    api = viewer.client()
    person_id = st.query_params.get("person")
    if not person_id:
        st.title("A person")
        st.info("Choose somebody in the list of people.")
        return
    progress = viewer.ask(lambda: api.progress(person_id=person_id))
    found = next((one for one in progress["people"] if one["person"]["id"] == person_id), None)
    if found is None:
        st.title("A person")
        st.info("Nobody with this id is among the people whom you may see today.")
        return
    report = viewer.ask(lambda: api.compliance(person_id=person_id))
    st.title(found["person"]["name"])
    manager = f" · reports to {found['manager']}" if found["manager"] else ""
    depth = f", {found['depth']} level{'s' if found['depth'] > 1 else ''} below" if found["depth"] else ""
    st.caption(viewer.plain(f"{found['job_title']} · {found['team']}{manager} · seen {VIA[found['via']]}{depth}"))
    _kpis(report, found)
    duties(api, report)
    with st.container(border=True, key="card_courses"):
        st.header("Courses")
        courses(found["person"]["name"], progress["items"])
    freshness.line(report["freshness"])


def _kpis(report: dict[str, Any], found: Item) -> None:
    rate, late, soon, _ = st.columns(4)
    value = report["kpis"]["compliance_rate"]["value"]
    rate.metric("Compliance rate", "–" if value is None else f"{value:.0%}", border=True)
    late.metric("Overdue", f"{report['kpis']['overdue']['value']:.0f}", border=True)
    soon.metric("Due in 14 days", f"{report['kpis']['due_soon']['value']:.0f}", border=True)
    _.metric("Courses completed", f"{found['completed']} of {found['enrolled']}", border=True)


def duties(api: Client, report: dict[str, Any]) -> None:
    with st.container(border=True, key="card_duties"):
        st.header("Required courses")
        st.markdown("\n".join(_duty(item) for item in report["items"]) or "Nothing is required.")
        due = [item for item in report["items"] if item["status"] in ("overdue", "due_soon")]
        if due:
            remind.button(api, due, key="person")


def courses(name: str, enrollments: list[Item]) -> None:
    if not enrollments:
        st.caption("Not enrolled in any course yet.")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "Course": [item["course"]["name"] for item in enrollments],
                "Progress": [item["progress_percent"] for item in enrollments],
                "Score": [item["score_percent"] for item in enrollments],
                "Last activity": [item["last_activity_at"] for item in enrollments],
                "Completed": [item["completed_at"] for item in enrollments],
            }
        ).astype({"Last activity": "datetime64[ns, UTC]", "Completed": "datetime64[ns, UTC]"}),
        hide_index=True,
        key="person_courses",
        placeholder="–",
        alt=f"Courses of {name}",
        column_config={
            "Progress": PERCENT,
            "Score": st.column_config.NumberColumn(format="%d %%"),
            "Last activity": DAY,
            "Completed": DAY,
        },
    )


def _duty(item: Item) -> str:
    colour, word = BADGES[item["status"]]
    due = date.fromisoformat(item["due_on"])
    late = f", {item['days_late']} days late" if item["days_late"] else ""
    return f"- :{colour}-badge[{word}] **{viewer.plain(item['course']['name'])}**, due {due:%d %b %Y}{late}"
