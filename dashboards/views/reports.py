"""Reports as files: choose, order, watch, cancel, download; and what was ordered before."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import viewer
from dashboards.client import ApiProblem, Client

KINDS = {"compliance": "Compliance", "progress": "Learning progress"}
FORMATS = {"xlsx": "Excel (XLSX)", "csv": "CSV", "pdf": "PDF, up to 20,000 rows", "parquet": "Parquet"}
STATUSES = {
    "compliance": {
        "overdue": "Overdue",
        "due_soon": "Due in 14 days",
        "open": "Due later",
        "compliant": "Compliant",
        "waived": "Waived",
    },
    "progress": {"in_progress": "In progress", "completed": "Completed"},
}
COLUMNS = {
    "compliance": {
        "person": "Person",
        "team": "Team",
        "course": "Course",
        "due_on": "Due",
        "status": "Status",
        "progress_percent": "Progress %",
        "days_late": "Days late",
        "completed_at": "Completed at",
        "job_title": "Job",
        "person_id": "Person id",
        "course_id": "Course id",
    },
    "progress": {
        "person": "Person",
        "team": "Team",
        "course": "Course",
        "progress_percent": "Progress %",
        "score_percent": "Score %",
        "enrolled_at": "Enrolled at",
        "last_activity_at": "Last activity",
        "completed_at": "Completed at",
        "job_title": "Job",
        "person_id": "Person id",
        "course_id": "Course id",
    },
}
UNUSUAL = ("job_title", "person_id", "course_id")
BADGES = {
    "waiting": ":gray-badge[waiting]",
    "running": ":blue-badge[being made]",
    "done": ":green-badge[done]",
    "failed": ":red-badge[failed]",
    "cancelled": ":gray-badge[cancelled]",
    "expired": ":gray-badge[file no longer kept]",
}
UNFINISHED = ("waiting", "running")
SHOWN = 20


def page() -> None:
    api = viewer.client()
    st.title("Reports")
    with st.container(border=True, key="card_order"):
        st.header("New report")
        asked = question(api)
        if st.button("Generate", type="primary", icon=":material/play_arrow:"):
            viewer.ask(lambda: api.order_report(asked), waiting="Ordering …")
    with st.container(border=True, key="card_history"):
        st.header("Ordered before")
        _history(api)


def question(api: Client) -> dict[str, Any]:
    """What the viewer chose, as the API's question; what they left alone is left out."""
    what, form, status = st.columns([1.4, 1.4, 1.4])
    report = _choice(what, "What", KINDS) or "compliance"
    chosen: dict[str, Any] = {"report": report, "format": _choice(form, "Format", FORMATS)}
    chosen["status"] = _choice(status, "Status", STATUSES[report], nothing="Any")
    known = viewer.ask(lambda: api.compliance(limit=1))
    courses = {course["id"]: course["name"] for course in known["courses"]}
    which, whom = st.columns([2.8, 1.4])
    chosen["courses"] = which.multiselect(
        "Courses", list(courses), format_func=courses.__getitem__, placeholder="All courses"
    )
    if report == "compliance":
        chosen["team"] = _choice(whom, "Team", {name: name for name in known["teams"]}, nothing="All teams")
        chosen |= _days(st.columns([1.4, 2.8], vertical_alignment="bottom"))
    names = COLUMNS[report]
    usual = [name for name in names if name not in UNUSUAL]
    columns = st.multiselect("Columns", list(names), usual, format_func=names.__getitem__, key=report)
    chosen["columns"] = columns if columns != usual else None
    return {name: value for name, value in chosen.items() if value}


def _choice(place: DeltaGenerator, label: str, offered: dict[str, str], *, nothing: str | None = None) -> str | None:
    """One of these keys; None where `nothing` is offered too, and chosen."""
    keys = [*([""] if nothing else []), *offered]
    chosen = place.selectbox(label, keys, format_func=lambda key: offered.get(key, nothing or ""))
    return chosen or None


def _days(columns: list[DeltaGenerator]) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    if columns[0].toggle("All due days", value=True):
        return {}
    usual = (today - timedelta(365), today + timedelta(90))
    days = columns[1].date_input("Due between", usual, format="DD/MM/YYYY")
    if not isinstance(days, tuple) or len(days) != 2:
        return {}
    return {"due_from": days[0].isoformat(), "due_to": days[1].isoformat()}


@st.fragment(run_every="2s")
def _history(api: Client) -> None:
    """Asked again every two seconds: a file is there without a click, and its link is always a fresh one."""
    try:
        ordered = api.reports(SHOWN)
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    if not ordered:
        st.caption("Nothing yet. What you generate is kept here; its file for a week.")
    for one in ordered:
        _line(api, one)


def _line(api: Client, one: dict[str, Any]) -> None:
    told, far, act = st.columns([3.2, 2, 1], vertical_alignment="center")
    ordered_at = datetime.fromisoformat(one["ordered_at"]).astimezone(UTC)
    told.markdown(f"**{title(one['question'])}** {BADGES[one['state']]}  \n{ordered_at:%d %b %Y, %H:%M} UTC")
    if one["state"] in UNFINISHED:
        eta = f", about {one['eta_s']} s left" if one["eta_s"] else ""
        rows = f"{one['rows_done']:,} of {one['rows_total']:,} rows" if one["rows_total"] else "Reading the lake"
        far.progress(one["progress_percent"], f"{one['progress_percent']} %: {rows}{eta}")
        if act.button("Cancel", key=f"cancel-{one['id']}", icon=":material/close:", width="stretch"):
            viewer.ask(lambda: api.cancel_report(one["id"]), waiting="Cancelling …")
            st.rerun(scope="fragment")
    elif one["evidence"]:
        proof = one["evidence"]
        far.caption(f"{proof['row_count']:,} rows of snapshot {proof['snapshot']}  \nChecksum {proof['checksum']}")
    elif one["problem"]:
        far.caption(viewer.plain(one["problem"]))
    if one["download"]:
        act.link_button("Download", one["download"]["url"], icon=":material/download:", width="stretch")


def title(question: dict[str, Any]) -> str:
    """'Compliance, XLSX: overdue, team Plant North'."""
    report = question["report"]
    said = [STATUSES[report].get(question["status"], "")] if question["status"] else []
    said += [f"team {question['team']}"] if question["team"] else []
    said += [f"{len(question['courses'])} courses"] if question["courses"] else []
    if question["due_from"] or question["due_to"]:
        said.append(f"due {_day(question['due_from'])} to {_day(question['due_to'])}")
    kind = f"{KINDS[report]}, {question['format'].upper()}"
    return viewer.plain(f"{kind}: {', '.join(said)}" if said else kind)


def _day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%d %b %Y}" if text else "any day"
