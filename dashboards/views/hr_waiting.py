"""What the circuit breaker stopped: why, row by row what it would do, and the decision."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import ApiProblem, Client

Row = dict[str, Any]
SAID = "hr_said"
PAGE = 500
FIRST = ("job_title", "org_unit", "manager", "ended_on", "reason")
KINDS = {"left": "leave", "changed": "change", "rehired": "come back", "joined": "join", "refused": "are kept out"}


def say_what_was_done() -> None:
    if said := st.session_state.pop(SAID, None):
        st.toast(said, icon=":material/check:")


def decide(api: Client, waiting: list[Row]) -> None:
    for one in waiting:
        with st.container(border=True, key=f"card_{one['id']}"):
            st.header(f"Stopped: {viewer.plain(one['file_name'])} of {viewer.plain(one['source'])}")
            st.caption(
                "Nothing of it is applied: it looks more like a broken export than like what a company does in a day."
            )
            for trip in one["trips"]:
                st.error(viewer.plain(trip["says"]), icon=":material/front_hand:")
            _rows(api, one)
            _decision(api, one)


def _rows(api: Client, one: Row) -> None:
    """The chosen kind, as many rows as a person reads; the rest on further pages."""
    counts = {kind: one["counts"].get(kind, 0) for kind in KINDS}
    offered = [kind for kind in KINDS if counts[kind]]
    if not offered:
        return
    kind = st.segmented_control(
        "People who would",
        offered,
        default=offered[0],
        required=True,
        format_func=lambda kind: f"{KINDS[kind]} ({counts[kind]:,})",
        key=f"kind-{one['id']}",
    )
    place: list[int] = st.session_state.setdefault(f"place-{one['id']}-{kind}", [0])
    detail = viewer.ask(lambda: api.hr_import(one["id"], kind=kind, after=place[-1], limit=PAGE))
    st.dataframe(
        pd.DataFrame(
            {
                "Number": [row["employee_number"] for row in detail["rows"]],
                "Name": [row["display_name"] for row in detail["rows"]],
                "Now": [told(row["before"]) for row in detail["rows"]],
                "Would be": [told(row["after"]) for row in detail["rows"]],
            }
        ),
        hide_index=True,
        height=min(400, 38 + 35 * max(1, len(detail["rows"]))),
        alt=f"{one['file_name']} of {one['source']}: people who would {KINDS[kind]}",
        placeholder="–",
        key=f"rows-{one['id']}-{kind}-{place[-1]}",
        column_config={name: st.column_config.TextColumn(width="large") for name in ("Now", "Would be")},
    )
    back, on, _ = st.columns([1, 1, 3])
    if len(place) > 1:
        back.button("Rows before", on_click=partial(place.__delitem__, -1), key=f"back-{one['id']}", width="stretch")
    if detail["next"]:
        on.button("Further rows", on_click=place.append, args=(detail["next"],), key=f"on-{one['id']}", width="stretch")


def told(fields: Row) -> str:
    """'job title Engineer, org unit it', what is asked first coming first; what would be empty is said so."""
    fields = {name: fields[name] for name in sorted(fields, key=lambda name: (name not in FIRST, name))}
    return ", ".join(
        f"{name.replace('_', ' ')} {'empty' if value is None else value}" for name, value in fields.items()
    )


def _decision(api: Client, one: Row) -> None:
    note = st.text_input("Why not, for the audit log", max_chars=500, key=f"note-{one['id']}")
    yes, no, _ = st.columns([1, 1, 2])
    if yes.button("Approve and apply", type="primary", key=f"yes-{one['id']}", width="stretch"):
        said = "Approved. It is applied within a minute, exactly as shown."
        _do(lambda: api.approve_hr_import(one["id"], one["diff_checksum"]), said)
    if no.button("Reject", key=f"no-{one['id']}", width="stretch"):
        _do(lambda: api.reject_hr_import(one["id"], note.strip() or None), "Rejected. Nothing was changed.")


def _do(change: Callable[[], None], said: str) -> None:
    """Decide and show the new state; what the API refuses is a sentence in its place."""
    try:
        change()
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    st.session_state[SAID] = said
    st.rerun()
