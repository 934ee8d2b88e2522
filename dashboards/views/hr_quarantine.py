"""Rows of HR systems that were kept out, or kept with a remark, until their source mends them."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import Client

Row = dict[str, Any]
STATES = {"Open": False, "Mended": True}


def table(api: Client) -> None:
    with st.container(border=True, key="card_quarantine"):
        st.header("Quarantine")
        st.caption("Correct the row in the HR system: with its next delivery it heals by itself.")
        state = st.segmented_control("Rows", list(STATES), default="Open", required=True, label_visibility="collapsed")
        rows = viewer.ask(lambda: api.hr_quarantine(healed=str(STATES[state or "Open"]).lower(), limit=500))
        if not rows:
            st.info(
                "No row is in quarantine." if state == "Open" else "No row was mended yet.", icon=":material/check:"
            )
            return
        moment = st.column_config.DatetimeColumn(format="DD MMM YYYY, HH:mm", timezone="UTC")
        st.dataframe(
            pd.DataFrame(
                {
                    "Source": [row["source"] for row in rows],
                    "Number": [row["employee_number"] for row in rows],
                    "Reason": [row["reason"] for row in rows],
                    "Effect": ["Kept, with this remark" if row["is_kept"] else "Kept out" for row in rows],
                    "Row": [f"{row['file_name']}, line {row['line']}" for row in rows],
                    "First seen (UTC)": _moments(rows, "created_at"),
                    "Last seen (UTC)": _moments(rows, "last_seen_at"),
                    "As it came": [_raw(row["raw"]) for row in rows],
                }
            ),
            hide_index=True,
            height=min(420, 38 + 35 * len(rows)),
            alt="Rows in quarantine, the newest first",
            placeholder="–",
            column_config={
                "First seen (UTC)": moment,
                "Last seen (UTC)": moment,
                "Reason": st.column_config.TextColumn(width="medium"),
                "As it came": st.column_config.TextColumn(width="large"),
            },
        )
        if len(rows) == 500:
            st.caption("The newest 500; `GET /hr/quarantine` gives all.")


def _moments(rows: list[Row], name: str) -> Any:
    return pd.to_datetime([row[name] for row in rows], utc=True, format="ISO8601")


def _raw(raw: Row) -> str:
    return ", ".join(f"{name}: {value}" for name, value in raw.items() if value is not None)
