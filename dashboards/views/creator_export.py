"""The button beside a heading that downloads what the card shows."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboards.client import Client


@dataclass(frozen=True)
class Export:
    """Of which course and which choice of learners; `heading` puts the button beside a card's title."""

    api: Client
    course_id: str
    filters: dict[str, Any]

    def heading(self, title: str, table: str) -> None:
        asked = {name: value for name, value in self.filters.items() if name != "compare"}
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.header(title, width="content")
            st.download_button(
                "CSV",
                lambda: self.api.course_table(self.course_id, table, **asked),
                f"{table}.csv",
                "text/csv",
                icon=":material/download:",
                key=f"export_{table}",
                help=f"Export {title.lower()} as CSV",
                on_click="ignore",
            )
