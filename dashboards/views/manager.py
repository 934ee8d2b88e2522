"""Who has learned what they must, and who is late: of a manager's people, or of those an officer or delegate sees."""

from typing import Any, Literal

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import charts, viewer
from dashboards.client import ApiProblem, Client
from dashboards.views import filters, freshness, overdue

REFRESH = "5s"
Chosen = dict[str, Any]


def page() -> None:
    api = viewer.client()
    viewing = viewer.me(api)
    st.title("Company compliance" if viewing["reach"]["everyone"] and not viewing["team_size"] else "Team compliance")
    _numbers(api, filters.bar(api, viewing))


@st.fragment(run_every=REFRESH)
def _numbers(api: Client, chosen: Chosen) -> None:
    """Asked again every few seconds: what a learner does shows without a click."""
    try:
        report = api.compliance(**chosen)
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    _kpis(report["kpis"])
    if report["total"] == 0:
        with st.container(border=True, key="card_empty"):
            st.info("Nothing is due in this range for these people. Widen the dates or choose another unit.")
    else:
        _pictures(report)
        overdue.card(api, report)
    freshness.line(report["freshness"])


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
            shown = charts.fewest(cells)
            st.altair_chart(charts.heat_strip(shown))
            height = max(height, charts.strip_height(shown) - 10)
            if shown["team"].nunique() < cells["team"].nunique():
                st.caption(f"The {charts.ROWS} units that are furthest behind. Choose units above to compare others.")
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
