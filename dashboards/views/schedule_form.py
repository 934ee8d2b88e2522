"""The form of a schedule: what is sent, when, and to whom."""

from datetime import time
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import viewer
from dashboards.client import Client
from dashboards.views import reports

Row = dict[str, Any]
EVERY = {"daily": "Each day", "weekly": "Each week", "monthly": "Each month"}
WEEKDAYS = dict(
    enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), 1),
)
FOUND = 50
ROUND, KNOWN = "schedule_round", "schedule_people"


def clear() -> None:
    """Empty fields for the next schedule."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state.pop(KNOWN, None)


def form(api: Client, changed: Row | None) -> Row | None:
    """What the viewer wants, once they say so."""
    was = changed or {}
    mark = f"{was.get('id', 'new')}-{st.session_state.get(ROUND, 0)}"
    name = st.text_input("Name", was.get("name", ""), max_chars=120, key=f"name-{mark}")
    question = was.get("question")
    if question:
        st.caption(f"It sends: {reports.title(question)}")
        question = None if st.toggle("Send another report", key=f"other-{mark}") else question
    wanted = {
        "name": name,
        "question": question or reports.question(api),
        **_when(was, mark),
        **_whom(api, was, mark),
    }
    is_saved = st.button(
        "Save" if changed else "Schedule", type="primary", icon=":material/schedule_send:", disabled=not name.strip()
    )
    return wanted if is_saved else None


def _when(was: Row, mark: str) -> Row:
    how, day, clock, zone = st.columns([1.2, 1.2, 1, 1.6])
    keys = list(EVERY)
    every = how.selectbox(
        "How often",
        keys,
        keys.index(was.get("every", "weekly")),
        format_func=EVERY.__getitem__,
        key=f"every-{mark}",
    )
    at = clock.time_input("At", time.fromisoformat(was.get("at", "07:00")), key=f"at-{mark}")
    home = was.get("time_zone") or st.context.timezone or "UTC"
    place = zone.text_input("Time zone", home, max_chars=64, key=f"zone-{mark}")
    return {"every": every, "at": f"{at:%H:%M}", "time_zone": place.strip() or "UTC", **_day(every, was, mark, day)}


def _day(every: str, was: Row, mark: str, place: DeltaGenerator) -> Row:
    if every == "weekly":
        first = list(WEEKDAYS).index(was.get("weekday") or 1)
        chosen = place.selectbox("On", list(WEEKDAYS), first, format_func=WEEKDAYS.__getitem__, key=f"week-{mark}")
        return {"weekday": chosen}
    if every == "monthly":
        told = "31 is the last day of every month."
        return {"day": int(place.number_input("Day", 1, 31, was.get("day") or 1, help=told, key=f"day-{mark}"))}
    return {}


def _whom(api: Client, was: Row, mark: str) -> Row:
    """People by name, found by a part of it; nobody but those whom the viewer sees, and themselves."""
    me = viewer.me(api)["person"]
    known = st.session_state.setdefault(KNOWN, {})
    known |= {one["id"]: one["name"] for one in was.get("recipients", [])}
    if me:
        known[me["id"]] = f"{me['name']} (you)"
    search, who = st.columns([1.2, 3.8], vertical_alignment="bottom")
    if part := search.text_input("Find a person", placeholder="Part of a name", max_chars=100, key=f"find-{mark}"):
        found = viewer.ask(lambda: api.progress(q=part, limit=FOUND))["people"]
        known |= {one["person"]["id"]: one["person"]["name"] for one in found if one["person"]["id"] not in known}
    before = [one["id"] for one in was["recipients"]] if was else [me["id"]] if me else []
    recipients = who.multiselect(
        "By mail to", list(known), before, format_func=known.__getitem__, key=f"whom-{mark}", max_selections=100
    )
    targets = {one["name"]: one["title"] for one in viewer.ask(api.report_targets)}
    chosen: list[str] = []
    if targets:
        before = [name for name in was.get("targets", []) if name in targets]
        chosen = st.multiselect(
            "Files to", list(targets), before, format_func=targets.__getitem__, key=f"targets-{mark}"
        )
    st.caption("Each person gets what they themselves may see; files to other places have what you may see.")
    return {"recipients": recipients, "targets": chosen}
