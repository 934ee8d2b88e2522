"""Who is late and who is due soon, reminders to them, and the way to a person's page."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.client import Client
from dashboards.views import remind
from dashboards.views.person import PERCENT

CHOSEN = "overdue_chosen"
NAMES = {"overdue": "Overdue", "due_soon": "Due in 14 days"}
TODAY = "Everyone is on time."

Item = dict[str, Any]


def card(api: Client, report: dict[str, Any]) -> None:
    with st.container(border=True, key="card_overdue"):
        st.header("Overdue and due soon")
        status = st.segmented_control(
            "Which",
            list(NAMES),
            format_func=lambda one: NAMES[one],
            default="overdue",
            key="which",
            label_visibility="collapsed",
            bind="query-params",
            required=True,
        )
        found = [item for item in report["items"] if item["status"] == status]
        if not found:
            st.success(TODAY if status == "overdue" else "Nothing is due in 14 days.", icon=":material/check_circle:")
            return
        more = report["kpis"][status]["value"] - len(found)
        hidden = f" These are the first {len(found)}; the CSV has all." if more > 0 else ""
        st.caption(f"Choose rows to send reminders, or one to see everything of that person.{hidden}")
        chosen = _choose(found, status)
        if chosen:
            remind.button(api, chosen, key="rows")
        if len(chosen) == 1 and "person_page" in st.session_state:
            person = chosen[0]["person"]
            st.page_link(
                st.session_state["person_page"],
                label=f"Open {person['name']}",
                icon=":material/person:",
                query_params={"person": person["id"]},
            )


def _choose(found: list[Item], status: str) -> list[Item]:
    """The chosen items. A selection is rows' numbers: where rows came or went, it is set anew to the same items."""
    names = [(item["person"]["id"], item["course"]["id"]) for item in found]
    before = st.session_state.get(CHOSEN, [])
    selected = [names.index(one) for one in before if one in names]
    state = st.dataframe(
        _table(found),
        hide_index=True,
        height=min(320, 38 + 35 * len(found)),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": selected, "columns": [], "cells": []}},
        key=f"overdue-{hash(tuple(names))}",
        alt=f"{NAMES[status]}, the latest first",
        column_config={
            "Employee": st.column_config.TextColumn(pinned=True),
            "Due": st.column_config.DateColumn(format="DD MMM YYYY"),
            "Progress": PERCENT,
        },
    )
    rows = state["selection"]["rows"]
    st.session_state[CHOSEN] = [names[row] for row in rows]
    return [found[row] for row in rows]


def _table(found: list[Item]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Employee": [item["person"]["name"] for item in found],
            "Team": [item["team"] for item in found],
            "Course": [item["course"]["name"] for item in found],
            "Due": [date.fromisoformat(item["due_on"]) for item in found],
            "Progress": [item["progress_percent"] for item in found],
            "Days late": [item["days_late"] for item in found],
        }
    )
