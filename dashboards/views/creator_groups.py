"""Groups of learners, and two versions side by side."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import course_charts
from dashboards.views.creator_cards import days, labelled, percent
from dashboards.views.creator_export import Export

BY = {"unit": "Unit", "country": "Country", "cohort": "Month of enrolment", "version": "Version"}


def card(groups: list[dict[str, Any]], export: Export) -> None:
    export.heading("Groups of learners", "breakdown")
    by = st.segmented_control("By", list(BY), default="unit", format_func=BY.__getitem__, required=True)
    shown = [group for group in groups if group["by"] == by]
    if not any(not group["is_hidden"] for group in shown):
        st.caption("Too few learners to tell groups apart.")
        return
    st.dataframe(
        pd.DataFrame(
            {
                BY[by]: [group["name"] for group in shown],
                "Learners": [group["learner_count"] for group in shown],
                "Started": [group["started_count"] for group in shown],
                "Completed": [group["completed_count"] for group in shown],
                "Completion": [_hundredth(group["completion_rate"]) for group in shown],
                "Median days": [group["median_days"] for group in shown],
            }
        ),
        hide_index=True,
        height=min(420, 38 + 35 * len(shown)),
        placeholder="–",
        alt=f"Figures by {BY[by].lower()}",
        column_config={
            BY[by]: st.column_config.TextColumn(pinned=True, width=210),
            "Completion": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d %%"),
            "Median days": st.column_config.NumberColumn(format="%.1f", help="From enrolling to finishing"),
        },
    )


def _hundredth(share: float | None) -> float | None:
    return None if share is None else 100 * share


def comparison(both: list[dict[str, Any]]) -> None:
    names = [f"Version {one['version']}" for one in both]
    st.header(f"{names[0]} beside {names[1].lower()}")
    if hidden := [name for name, one in zip(names, both, strict=True) if one["is_hidden"]]:
        st.info(f"{' and '.join(hidden)}: too few learners to show figures of.", icon=":material/shield_person:")
    shown = [(name, one) for name, one in zip(names, both, strict=True) if not one["is_hidden"]]
    if not shown:
        return
    _figures(shown)
    left, right = st.columns(2)
    steps = pd.concat([labelled(one["funnel"]).assign(version=name) for name, one in shown])
    left.altair_chart(course_charts.two_funnels(steps, names))
    with right:
        _films(shown, names)


def _figures(shown: list[tuple[str, dict[str, Any]]]) -> None:
    first = shown[0][1]
    for name, one in shown:
        columns = st.columns([1, 1, 1, 1, 1])
        columns[0].markdown(f"**{name}**")
        other = one if one is not first else None
        columns[1].metric("Learners", f"{one['learner_count']:,}")
        columns[2].metric("Completion", percent(one["completion_rate"]), _points(other, first, "completion_rate"))
        columns[3].metric("Median time", days(one["median_days_to_complete"]))
        rate = "first_try_pass_rate"
        columns[4].metric("Quiz passed at first", percent(one[rate]), _points(other, first, rate))


def _points(one: dict[str, Any] | None, first: dict[str, Any], name: str) -> str | None:
    """How much more than the first version, in percentage points."""
    if one is None or one[name] is None or first[name] is None:
        return None
    return f"{100 * (one[name] - first[name]):+.1f} pts"


def _films(shown: list[tuple[str, dict[str, Any]]], names: list[str]) -> None:
    """Films of the same place in both versions on one chart."""
    most = max(len(one["retention"]) for _, one in shown)
    if not most:
        st.caption("Neither version has a film that somebody watched.")
        return
    at = st.selectbox("Film", range(most), format_func=lambda n: _film(shown, n)) if most > 1 else 0
    films = [(name, one["retention"][at]) for name, one in shown if len(one["retention"]) > at]
    st.altair_chart(
        course_charts.overlay(pd.concat([pd.DataFrame(film["segments"]).assign(version=n) for n, film in films]), names)
    )


def _film(shown: list[tuple[str, dict[str, Any]]], at: int) -> str:
    return next(str(one["retention"][at]["module"]["name"]) for _, one in shown if len(one["retention"]) > at)
