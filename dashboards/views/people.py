"""The team now: everybody whom the viewer sees, how far they are, and the way to each one's page."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.views import filters, freshness
from dashboards.views.person import DAY

SHOWN = 200
VIA = {"team": "line", "dotted": "dotted line", "delegated": "delegation", "role": "role"}


def page() -> None:
    api = viewer.client()
    who = viewer.me(api)
    st.title("People")
    first, second, third = st.columns([1.5, 2.2, 1.3], vertical_alignment="bottom")
    people = filters.whose(who, first)
    unit = filters.units(api, people, second)
    name = third.text_input("Name", key="q", bind="query-params", placeholder="Part of a name", max_chars=100)
    asked = {**people, "unit": unit or None, "q": name or None, "limit": SHOWN}
    found = viewer.ask(lambda: api.progress(**asked))
    with st.container(border=True, key="card_people"):
        if not found["people"]:
            st.info("Nobody matches.")
        else:
            _table(found)
    freshness.line(found["freshness"])


def _table(found: dict[str, Any]) -> None:
    people = found["people"]
    more = f" The first {len(people)} by name: search, or choose a unit." if found["people_total"] > len(people) else ""
    st.caption(f"{found['people_total']:,} people. Choose one to see everything of them.{more}")
    state = st.dataframe(
        pd.DataFrame(
            {
                "Employee": [one["person"]["name"] for one in people],
                "Team": [one["team"] for one in people],
                "Job": [one["job_title"] for one in people],
                "Reports to": [one["manager"] for one in people],
                "Seen by": [VIA[one["via"]] for one in people],
                "Completed": [f"{one['completed']} of {one['enrolled']}" for one in people],
                "Average": [one["average_percent"] for one in people],
                "Last activity": [one["last_activity_at"] for one in people],
            }
        ).astype({"Last activity": "datetime64[ns, UTC]"}),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=min(560, 38 + 35 * len(people)),
        key=f"people-{hash(tuple(one['person']['id'] for one in people))}",
        placeholder="–",
        alt="People by name",
        column_config={
            "Employee": st.column_config.TextColumn(pinned=True),
            "Average": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d %%"),
            "Last activity": DAY,
        },
    )
    if (rows := state["selection"]["rows"]) and "person_page" in st.session_state:
        st.switch_page(st.session_state["person_page"], query_params={"person": people[rows[0]]["person"]["id"]})
