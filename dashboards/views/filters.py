"""What the viewer narrows the team's page to; kept in the address, so that the view can be sent to somebody.

Who opens it sees of it what they may see themselves.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st

from dashboards import viewer
from dashboards.client import Client

BACK, AHEAD = timedelta(days=365), timedelta(days=90)
DAYS = "%Y-%m-%d"
Chosen = dict[str, Any]


def offered(who: dict[str, Any]) -> dict[str, Chosen]:
    """Whose numbers there are, by name, as the API's parameters."""
    reach, found = who["reach"], {}
    if reach["everyone"] or reach["org_units"]:
        units = ", ".join(unit["name"] for unit in reach["org_units"])
        found["The whole company" if reach["everyone"] else f"{units} and below"] = {"whose": "all"}
    if who["team_size"]:
        found |= {
            "My people": {"whose": "mine"},
            "Direct reports": {"whose": "mine", "direct_only": "true"},
            "By dotted line": {"whose": "dotted"},
        }
    for manager in who["acts_for"]:
        found[f"People of {manager['name']}"] = {"on_behalf_of": manager["id"]}
        found[f"Direct reports of {manager['name']}"] = {"on_behalf_of": manager["id"], "direct_only": "true"}
    return found


def whose(who: dict[str, Any], column: Any) -> Chosen:
    choices = offered(who)
    name = column.selectbox("Whose numbers", list(choices), key="of", bind="query-params", disabled=len(choices) < 2)
    return choices.get(name, {})


def units(api: Client, chosen: Chosen, column: Any) -> list[str]:
    """Ids of the chosen ones; the API is asked for the list when somebody else's numbers are chosen."""
    if st.session_state.get("units_of") != chosen:
        st.session_state["units_known"] = viewer.ask(lambda: api.compliance(**chosen, limit=1))["units"]
        st.session_state["units_of"] = chosen
    known = {unit["id"]: unit for unit in st.session_state["units_known"]}
    return list(
        column.multiselect(
            "Units",
            list(known),
            format_func=lambda one: f"{'· ' * known[one]['depth']}{known[one]['name']} ({known[one]['people']:,})",
            placeholder="All units",
            max_selections=20,
            key="unit",
            bind="query-params",
            help="One: with all below it. Several: side by side.",
        )
    )


def bar(api: Client, who: dict[str, Any]) -> Chosen:
    """The parameters of the compliance report."""
    today = datetime.now(UTC).date()
    first, second = st.columns([1.5, 2.6], vertical_alignment="bottom")
    people = whose(who, first)
    chosen = units(api, people, second)
    when, past, export = st.columns([2, 1.3, 1.1], vertical_alignment="bottom")
    due = when.date_input(
        "Due between", (today - BACK, today + AHEAD), format="DD/MM/YYYY", key="due", bind="query-params"
    )
    day = past.date_input(
        "As of", None, max_value="today", format="DD/MM/YYYY", help="Empty: now.", key="as_of", bind="query-params"
    )
    if isinstance(day, date):
        st.caption(f"The people of today, with what was true of them on {day:%d %b %Y} as it is known now.")
    first_day, last_day = due if isinstance(due, tuple) and len(due) == 2 else (None, None)
    found = {
        **people,
        "unit": chosen or None,
        "due_from": first_day and first_day.isoformat(),
        "due_to": last_day and last_day.isoformat(),
        "as_of": day.isoformat() if isinstance(day, date) else None,
    }
    export.download_button(
        "Export CSV",
        lambda: api.compliance_csv(**found),
        f"compliance-{today}.csv",
        "text/csv",
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
    )
    return found
