"""Reports that come by themselves: make, change, pause, delete, and what became of each."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import viewer
from dashboards.client import ApiProblem, Client
from dashboards.views import reports, schedule_form

Row = dict[str, Any]
SAID, CHANGED = "schedules_said", "schedules_changed"
STATES = {
    "waiting": ":blue-badge[on its way]",
    "sent": ":green-badge[sent]",
    "unwanted": ":gray-badge[wants no mail: it is on their page of reports]",
    "failed": ":red-badge[not sent]",
}


def page() -> None:
    api = viewer.client()
    st.title("Schedules")
    if said := st.session_state.pop(SAID, None):
        st.toast(viewer.plain(said), icon=":material/check:")
    schedules = viewer.ask(api.schedules, waiting="Reading your schedules …")
    changed = next((one for one in schedules if one["id"] == st.session_state.get(CHANGED)), None)
    with st.container(border=True, key="card_schedule"):
        st.header(f"Change {viewer.plain(changed['name'])}" if changed else "New schedule")
        if wanted := schedule_form.form(api, changed):
            _save(api, changed, wanted)
        if changed and st.button("Leave it as it is"):
            st.session_state.pop(CHANGED)
            st.rerun()
    with st.container(border=True, key="card_schedules"):
        st.header("Your schedules")
        if not schedules:
            st.caption("None yet. Reports that you schedule come to you or to others, each with whom they may see.")
        for one in schedules:
            _line(api, one)


def _save(api: Client, changed: Row | None, wanted: Row) -> None:
    if changed:
        _do(lambda: api.change_schedule(changed["id"], wanted), f"{wanted['name']} is changed.")
    else:
        _do(lambda: api.make_schedule(wanted), f"{wanted['name']} is scheduled.")


def _line(api: Client, one: Row) -> None:
    told, last, act = st.columns([2.6, 2.4, 1.2], vertical_alignment="top")
    badge = " :gray-badge[paused]" if one["is_paused"] else ""
    lines = [f"**{viewer.plain(one['name'])}**{badge}", reports.title(one["question"]), viewer.plain(_when(one))]
    told.markdown("  \n".join([*lines, viewer.plain(_to(one))]))
    if one["problem"]:
        told.warning(viewer.plain(one["problem"]))
    with last:
        _last(one)
    if act.button("Change", key=f"change-{one['id']}", icon=":material/edit:", width="stretch"):
        st.session_state[CHANGED] = one["id"]
        st.rerun()
    name = "Go on" if one["is_paused"] else "Pause"
    icon = ":material/play_arrow:" if one["is_paused"] else ":material/pause:"
    if act.button(name, key=f"pause-{one['id']}", icon=icon, width="stretch"):
        said = f"{one['name']} goes on." if one["is_paused"] else f"{one['name']} is paused."
        _do(lambda: api.pause_schedule(one["id"], is_paused=not one["is_paused"]), said)
    if act.button("Delete", key=f"delete-{one['id']}", icon=":material/delete:", width="stretch"):
        _delete(api, one)


@st.dialog("Delete this schedule?")
def _delete(api: Client, one: Row) -> None:
    st.markdown(f"**{viewer.plain(one['name'])}** is sent no more. Reports that it made stay where they are.")
    if st.button("Delete it", type="primary"):
        _do(lambda: api.delete_schedule(one["id"]), f"{one['name']} is deleted.")
    if st.button("Keep it"):
        st.rerun()


def _last(one: Row) -> None:
    if one["next_at"]:
        st.markdown(f"Next: **{moment(one['next_at'])}**")
    if not one["last"]:
        st.caption("Not due yet.")
        return
    st.caption(f"Last due: {moment(one['last']['due_at'])}")
    for each in one["last"]["deliveries"]:
        st.markdown(f"{viewer.plain(each['to'])} {STATES[each['state']]}")
        if each["problem"]:
            again = f" Tried again {moment(each['next_try_at'])}." if each["next_try_at"] else ""
            st.caption(viewer.plain(f"{each['problem']}{again}"))
    if not one["last"]["deliveries"]:
        st.caption("It went to nobody: whom it names you may see no longer.")


def moment(text: str) -> str:
    """By the clock of the viewer's browser."""
    name = st.context.timezone
    local = datetime.fromisoformat(text).astimezone(ZoneInfo(name) if name else UTC)
    return f"{local:%a %d %b %Y, %H:%M} {local.tzname()}"


def _when(one: Row) -> str:
    """'Each Monday at 07:00, Europe/Berlin'."""
    on = "Each day"
    if one["every"] == "weekly":
        on = f"Each {schedule_form.WEEKDAYS[one['weekday']]}"
    elif one["every"] == "monthly":
        on = f"Each month on day {one['day']}" + (" or its last" if one["day"] > 28 else "")
    return f"{on} at {one['at']}, {one['time_zone']}"


def _to(one: Row) -> str:
    people = [person["name"] for person in one["recipients"]]
    return "To " + (", ".join([*people, *one["targets"]]) or "nobody")


def _do(change: Callable[[], None], said: str) -> None:
    """Do it and show the new state; what the API refuses is a sentence in its place."""
    try:
        change()
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    st.session_state[SAID] = said
    st.session_state.pop(CHANGED, None)
    schedule_form.clear()
    st.rerun()
