"""A creator's page: how a course does, where people leave, which quiz items to look at."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import charts, viewer


def page() -> None:
    api = viewer.client()
    overview = viewer.ask(api.course_analytics)
    courses = {course["course"]["id"]: course for course in overview["courses"]}
    if not courses:
        st.title("Course insight")
        st.info("You own no course yet. Create one, and its numbers appear here.", icon=":material/info:")
        return
    heading = st.container()
    chosen = st.selectbox("Course", list(courses), format_func=lambda key: _label(courses[key]))
    detail = viewer.ask(lambda: api.course_analytics(chosen))["detail"]
    heading.title(f"Course insight: {viewer.plain(detail['course']['name'])}")
    if not courses[chosen]["learner_count"]:
        st.info("Nobody is enrolled yet. The numbers begin with the first learner.", icon=":material/info:")
        return
    _kpis(detail)
    left, right = st.columns([1.6, 1])
    with left.container(border=True, height="stretch", key="card_retention"):
        _retention(detail["retention"])
    with right.container(border=True, height="stretch", key="card_funnel"):
        st.header("Funnel")
        st.altair_chart(charts.funnel(pd.DataFrame(detail["funnel"])))
    with st.container(border=True, key="card_quiz"):
        _quiz(detail["quiz_items"])
    st.caption(f"Lake snapshot {overview['freshness']['snapshot_id']}; built again every 15 minutes.")


def _label(course: dict[str, Any]) -> str:
    return f"{course['course']['name']} · {course['learner_count']:,} learners"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _kpis(detail: dict[str, Any]) -> None:
    kpis = detail["kpis"]
    columns = st.columns(4)
    learners, completion = kpis["learners"], kpis["completion_rate"]
    columns[0].metric(
        "Learners",
        f"{learners['value']:,.0f}",
        None if learners["change"] is None else f"{learners['change']:+.0f} in a week",
        border=True,
        chart_data=[point["value"] for point in learners["series"]],
        chart_type="area",
    )
    columns[1].metric(
        "Completion",
        _percent(completion["value"]),
        None if completion["change"] is None else f"{100 * completion['change']:+.1f} pts in 4 weeks",
        border=True,
        chart_data=[100 * point["value"] for point in completion["series"] if point["value"] is not None],
        chart_type="area",
    )
    video = detail["retention"][:1]
    _still(
        columns[2],
        "Median watch",
        kpis["median_watched_share"],
        "viewers, start to end",
        [100 * segment["viewer_share"] for segment in video[0]["segments"]] if video else [],
    )
    _still(
        columns[3],
        "Quiz pass at first try",
        kpis["first_try_pass_rate"],
        "right answers by item",
        [100 * (item["correct_share"] or 0) for item in detail["quiz_items"]],
    )


def _still(column: DeltaGenerator, name: str, value: float | None, drawn: str, shares: list[float]) -> None:
    """A figure without a history; the small bars are its parts, and say so."""
    column.metric(
        name,
        _percent(value),
        drawn if shares else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        chart_data=shares or None,
        chart_type="bar",
    )


def _retention(videos: list[dict[str, Any]]) -> None:
    st.header("Video retention")
    if not videos:
        st.caption("Nobody has watched a video of this course yet, or it has none.")
        return
    titles = [video["module"]["name"] for video in videos]
    number = titles.index(st.selectbox("Video", titles)) if len(titles) > 1 else 0
    video = videos[number]
    segments = pd.DataFrame(video["segments"])
    segments["percent"] = 100 * segments["viewer_share"]
    segments["plays"] = 100 * segments["play_count"] / video["viewer_count"]
    marks = pd.DataFrame(video["marks"], columns=["kind", "segment_s", "viewer_share"])
    marks["percent"] = 100 * marks["viewer_share"]
    st.altair_chart(charts.retention(segments, marks))
    st.caption(
        f"{video['module']['name']}: {video['viewer_count']:,} viewers, by 5 seconds. The area says who saw a moment, "
        "the dashed line how often it was played: above the area it was watched again."
    )


def _quiz(items: list[dict[str, Any]]) -> None:
    st.header("Quiz items")
    if not items:
        st.caption("This course has no quiz.")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "Item": [f"{number}. {item['prompt']}" for number, item in enumerate(items, 1)],
                "Correct": [None if item["correct_share"] is None else 100 * item["correct_share"] for item in items],
                "Discrimination": [item["discrimination"] for item in items],
                "Answers": [[100 * choice["share"] for choice in item["choices"]] for item in items],
                "Answered": [item["answer_count"] for item in items],
                "Flag": [item["flag"].partition(":")[0] for item in items],
            }
        ),
        hide_index=True,
        column_config={
            "Item": st.column_config.TextColumn(width=330, pinned=True),
            "Correct": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d %%"),
            "Discrimination": st.column_config.NumberColumn(
                format="%.2f", help="Do those who know the rest get this right? Below 0.15: look at it."
            ),
            "Answers": st.column_config.BarChartColumn("Answers A, B, C …", y_min=0, y_max=100),
            "Answered": st.column_config.NumberColumn(help="First attempts"),
        },
    )
    for number, item in enumerate(items, 1):
        verdict, _, reason = item["flag"].partition(": ")
        if reason:
            st.markdown(f":orange-badge[{verdict}] **{number}. {viewer.plain(item['prompt'])}** {reason}.")
    with st.expander("Answers by item"):
        for number, item in enumerate(items, 1):
            choices = "\n".join(_choice(choice) for choice in item["choices"])
            st.markdown(f"**{number}. {viewer.plain(item['prompt'])}**\n\n{choices}")


def _choice(choice: dict[str, Any]) -> str:
    label = viewer.plain(choice["label"])
    label = f"**{label}** (right)" if choice["is_correct"] else label
    return f"- {label}: {choice['share']:.0%}"
