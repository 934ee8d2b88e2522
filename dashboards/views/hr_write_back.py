"""What went back to HR systems: completions with hours, certificates with their end, each with its state."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import ApiProblem, Client

Row = dict[str, Any]
STATES = ("waiting", "sent", "accepted", "refused")


def table(api: Client) -> None:
    with st.container(border=True, key="card_write_back"):
        st.header("Write-back")
        state = st.segmented_control(
            "Records", ["all", *STATES], default="all", required=True, label_visibility="collapsed", key="back_state"
        )
        told = viewer.ask(lambda: api.hr_write_back(state=None if state == "all" else state, limit=200))
        sums = {name: sum(one["records"] for one in told["counts"] if one["state"] == name) for name in STATES}
        st.caption(" · ".join(f"{name} {number:,}" for name, number in sums.items()))
        rows: list[Row] = told["items"]
        if not rows:
            st.info("No such record." if any(sums.values()) else "Nothing goes back yet.", icon=":material/info:")
            return
        chosen = _choose(rows)
        if chosen and chosen["state"] == "refused" and st.button("Send this record again", icon=":material/redo:"):
            _again(api, chosen["id"])


def _choose(rows: list[Row]) -> Row | None:
    found = st.dataframe(
        pd.DataFrame(
            {
                "When (UTC)": pd.to_datetime([row["created_at"] for row in rows], utc=True, format="ISO8601"),
                "To": [row["source"] for row in rows],
                "What": [row["kind"] for row in rows],
                "Person": [row["person"] for row in rows],
                "Course": [row["title"] for row in rows],
                "State": [row["state"] for row in rows],
                "Why": [row["reason"] for row in rows],
                "Their id": [row["reference"] for row in rows],
                "Attempts": [row["attempts"] for row in rows],
            }
        ),
        hide_index=True,
        height=min(420, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        key=f"back-{hash(tuple(row['id'] for row in rows))}",
        alt="Records that went back to HR systems, the newest first",
        placeholder="–",
        column_config={
            "When (UTC)": st.column_config.DatetimeColumn(format="DD MMM YYYY, HH:mm", timezone="UTC"),
            "Why": st.column_config.TextColumn(width="large"),
        },
    )
    chosen = found["selection"]["rows"]
    return rows[chosen[0]] if chosen else None


def _again(api: Client, record_id: str) -> None:
    try:
        api.retry_hr_record(record_id)
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    st.toast("It is sent again within a minute.", icon=":material/check:")
