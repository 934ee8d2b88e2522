"""Who is late, and everything about the one that the viewer chose."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import Client

CHOSEN = "overdue_chosen"
PERCENT = st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d %%")

Item = dict[str, Any]


def card(api: Client, report: dict[str, Any]) -> None:
    with st.container(border=True, key="card_overdue"):
        st.header("Overdue assignments")
        late = [item for item in report["items"] if item["status"] == "overdue"]
        if not late:
            st.success("Everyone is on time.", icon=":material/check_circle:")
            return
        more = report["kpis"]["overdue"]["value"] - len(late)
        hidden = f" These are the {len(late)} latest; the CSV has all." if more > 0 else ""
        st.caption(f"Choose a row to see everything of that person.{hidden}")
        chosen = _choose(late)
        if chosen:
            _person(api, chosen["person"])


def _choose(late: list[Item]) -> Item | None:
    """The chosen item. A selection is a row's number: where rows came or went, it is set anew to the same item."""
    names = [(item["person"]["id"], item["course"]["id"]) for item in late]
    before = st.session_state.get(CHOSEN)
    selected = [names.index(before)] if before in names else []
    state = st.dataframe(
        _table(late),
        hide_index=True,
        height=min(320, 38 + 35 * len(late)),
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": selected, "columns": [], "cells": []}},
        key=f"overdue-{hash(tuple(names))}",
        alt="Overdue assignments, the latest first",
        column_config={
            "Employee": st.column_config.TextColumn(pinned=True),
            "Due": st.column_config.DateColumn(format="DD MMM YYYY"),
            "Progress": PERCENT,
        },
    )
    rows = state["selection"]["rows"]
    st.session_state[CHOSEN] = names[rows[0]] if rows else None
    return late[rows[0]] if rows else None


def _table(late: list[Item]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Employee": [item["person"]["name"] for item in late],
            "Team": [item["team"] for item in late],
            "Course": [item["course"]["name"] for item in late],
            "Due": [date.fromisoformat(item["due_on"]) for item in late],
            "Progress": [item["progress_percent"] for item in late],
            "Days late": [item["days_late"] for item in late],
        }
    )


def _person(api: Client, person: Item) -> None:
    """The drill-down: what this person must do, and all they are enrolled in."""
    st.subheader(viewer.plain(person["name"]))
    duties = viewer.ask(lambda: api.duties(person["id"]))
    st.markdown("\n".join(_duty(item) for item in duties))
    enrollments = viewer.ask(lambda: api.enrollments(person["id"]))
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
        key="person",
        placeholder="–",
        alt=f"Courses of {person['name']}",
        column_config={
            "Progress": PERCENT,
            "Score": st.column_config.NumberColumn(format="%d %%"),
            "Last activity": st.column_config.DatetimeColumn(format="DD MMM YYYY"),
            "Completed": st.column_config.DatetimeColumn(format="DD MMM YYYY"),
        },
    )


def _duty(item: Item) -> str:
    colours = {"compliant": ("green", "done"), "overdue": ("red", "overdue"), "due_soon": ("orange", "due soon")}
    colour, word = colours.get(item["status"], ("gray", "open"))
    due = date.fromisoformat(item["due_on"])
    late = f", {item['days_late']} days late" if item["days_late"] else ""
    return f"- :{colour}-badge[{word}] **{viewer.plain(item['course']['name'])}**, due {due:%d %b %Y}{late}"
