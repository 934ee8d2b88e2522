"""Who has learned what they must, and who is late: of a manager's people, or of those an officer or delegate sees."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import charts, viewer
from dashboards.client import ApiProblem, Client
from dashboards.views import overdue

REFRESH = "5s"
BACK, AHEAD = timedelta(days=365), timedelta(days=90)


def page() -> None:
    api = viewer.client()
    st.title("Team compliance")
    viewing = viewer.me(api)
    filters = _filters(api, viewing, _whose(viewing))
    _numbers(api, filters)


def _whose(who: dict[str, Any]) -> dict[str, Any]:
    """Whose numbers, and of which day, as the API's parameters; asked only where there is a choice."""
    reach, offered = who["reach"], {}
    if reach["everyone"] or reach["org_units"]:
        units = ", ".join(unit["name"] for unit in reach["org_units"])
        offered["The whole company" if reach["everyone"] else f"{units} and below"] = {"whose": "all"}
    if who["team_size"]:
        offered["My people"] = {"whose": "mine"}
    offered |= {f"People of {manager['name']}": {"on_behalf_of": manager["id"]} for manager in who["acts_for"]}
    if len(offered) < 2 and not reach["everyone"] and not reach["org_units"]:
        return next(iter(offered.values()), {})
    whose, when, _ = st.columns([2, 1.7, 2.4], vertical_alignment="bottom")
    name = whose.selectbox("Whose numbers", list(offered), disabled=len(offered) == 1)
    day = when.date_input("As of", None, max_value="today", format="DD/MM/YYYY", help="Empty: now.")
    if isinstance(day, date):
        st.caption(f"The people of today, with what was true of them on {day:%d %b %Y} as it is known now.")
    return {**offered[name], "as_of": day.isoformat() if isinstance(day, date) else None}


def _filters(api: Client, viewing: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    """What the viewer narrowed the page to, as the API's parameters."""
    if st.session_state.get("teams_of") != chosen:
        st.session_state["teams"] = viewer.ask(lambda: api.compliance(**chosen, limit=1))["teams"]
        st.session_state["teams_of"] = chosen
    today = datetime.now(UTC).date()
    when, who, depth, export = st.columns([2, 1.7, 1.3, 1.1], vertical_alignment="bottom")
    due = when.date_input("Due between", (today - BACK, today + AHEAD), format="DD/MM/YYYY")
    team = who.selectbox("Team", ["All teams", *st.session_state["teams"]])
    direct = depth.toggle("Direct reports only") if viewing["team_size"] or viewing["acts_for"] else False
    first_day, last_day = due if isinstance(due, tuple) and len(due) == 2 else (None, None)
    filters = {
        "due_from": first_day and first_day.isoformat(),
        "due_to": last_day and last_day.isoformat(),
        "team": None if team == "All teams" else team,
        "direct_only": "true" if direct else None,
        **chosen,
    }
    export.download_button(
        "Export CSV",
        lambda: api.compliance_csv(**filters),
        f"compliance-{today}.csv",
        "text/csv",
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
    )
    return filters


@st.fragment(run_every=REFRESH)
def _numbers(api: Client, filters: dict[str, Any]) -> None:
    """Asked again every few seconds: what a learner does shows without a click."""
    try:
        report = api.compliance(**filters)
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    _kpis(report["kpis"])
    if report["total"] == 0:
        with st.container(border=True, key="card_empty"):
            st.info("Nothing is due in this range for these people. Widen the dates or choose another team.")
    else:
        _pictures(report)
        overdue.card(api, report)
    _freshness(report["freshness"])


def _kpis(kpis: dict[str, Any]) -> None:
    rate, late, soon, done = (kpis[name] for name in ("compliance_rate", "overdue", "due_soon", "completions"))
    columns = st.columns(4)
    columns[0].metric(
        "Compliance rate",
        "–" if rate["value"] is None else f"{rate['value']:.0%}",
        None if rate["change"] is None else f"{100 * rate['change']:+.1f} pts in 4 weeks",
        border=True,
        chart_data=_values(rate, 100),
        chart_type="line",
        help="Of what had to be done by now, the share that is done.",
    )
    _count(columns[1], "Overdue", late, colour="inverse")
    _count(columns[2], "Due in 14 days", soon, colour="off")
    _count(columns[3], "Completions this week", done, colour="normal")


def _count(
    column: DeltaGenerator, name: str, kpi: dict[str, Any], *, colour: Literal["normal", "inverse", "off"]
) -> None:
    column.metric(
        name,
        f"{kpi['value']:,.0f}",
        f"{kpi['change']:+.0f} in a week" if kpi["change"] else "as a week ago",
        delta_color=colour if kpi["change"] else "off",
        delta_arrow="auto" if kpi["change"] else "off",
        border=True,
        chart_data=_values(kpi),
        chart_type="area" if colour == "normal" else "bar",
    )


def _values(kpi: dict[str, Any], factor: float = 1) -> list[float]:
    return [factor * point["value"] for point in kpi["series"] if point["value"] is not None]


def _pictures(report: dict[str, Any]) -> None:
    left, right = st.columns([1.15, 1])
    height = 240
    with left.container(border=True, height="stretch", key="card_heat"):
        st.header("Compliance by team and course")
        cells = pd.DataFrame(report["matrix"]).dropna(subset=["rate"])
        if cells.empty:
            st.caption("Nothing had to be done by now.")
        else:
            st.altair_chart(charts.heat_strip(cells))
            height = max(height, charts.strip_height(cells) - 10)
    with right.container(border=True, height="stretch", key="card_trend"):
        st.header("Trend, 26 weeks")
        points = pd.DataFrame(report["trend"]).dropna(subset=["rate"])
        if points.empty:
            st.caption("There is no history yet.")
        else:
            shown = charts.furthest_behind(points)
            st.altair_chart(charts.trend(shown, height=height))
            if shown["team"].nunique() < points["team"].nunique():
                st.caption(f"The {charts.LINES} teams that are furthest behind today.")


def _freshness(freshness: dict[str, Any]) -> None:
    """Which state these numbers are of: the data team can read the same one again."""
    read_at = datetime.fromisoformat(freshness["read_at"])
    newer = freshness["tail_events"]
    st.caption(
        f"Read {read_at:%d %b %Y %H:%M:%S} UTC from lake snapshot {freshness['lake_snapshot']}"
        f" and {newer} newer event{'' if newer == 1 else 's'}. Days are UTC days."
        f" Snapshot {freshness['snapshot']}: {freshness['row_count']:,} rows, checksum {freshness['checksum']}."
    )
