"""Headline figures, retention, funnel, time and ratings of a course."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import course_charts, viewer
from dashboards.views.creator_export import Export


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def days(value: float | None) -> str:
    """Short times in hours, because a fraction of a day says nothing."""
    if value is None:
        return "–"
    return f"{value:.1f} days" if value >= 1 else f"{24 * value:.1f} hours"


def kpis(detail: dict[str, Any]) -> None:
    found = detail["kpis"]
    columns = st.columns(5)
    learners, completion = found["learners"], found["completion_rate"]
    columns[0].metric(
        "Learners",
        f"{learners['value']:,.0f}",
        None if learners["change"] is None else f"{learners['change']:+.0f} in a week",
        border=True,
        height="stretch",
        chart_data=[point["value"] for point in learners["series"]],
        chart_type="area",
    )
    columns[1].metric(
        "Completion",
        percent(completion["value"]),
        None if completion["change"] is None else f"{100 * completion['change']:+.1f} pts in 4 weeks",
        border=True,
        height="stretch",
        chart_data=[100 * point["value"] for point in completion["series"] if point["value"] is not None],
        chart_type="area",
    )
    video = detail["retention"][:1]
    watched = [100 * segment["viewer_share"] for segment in video[0]["segments"]] if video else []
    _still(columns[2], "Median watch", percent(found["median_watched_share"]), "viewers, start to end", watched)
    right = [100.0 * (item["correct_share"] or 0) for item in detail["quiz_items"] if item["is_shown"]]
    _still(columns[3], "Quiz passed at first", percent(found["first_try_pass_rate"]), "right answers by item", right)
    given = detail["ratings"]
    average = "–" if given["average"] is None else f"{given['average']:.1f} ★"
    told = f"{given['count']:,} ratings, 1 to 5" if given["count"] else ""
    _still(columns[4], "Rating", average, told, [float(one) for one in given["by_stars"]] if given["count"] else [])


def _still(column: DeltaGenerator, name: str, value: str, drawn: str, parts: list[float]) -> None:
    """A figure without a history; the small bars are its parts, and say so."""
    column.metric(
        name,
        value,
        drawn if parts else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        chart_data=parts or None,
        chart_type="bar",
    )


def retention(videos: list[dict[str, Any]], export: Export) -> None:
    export.heading("Video retention", "retention")
    if not videos:
        st.caption("Nobody has watched a video of this course yet, or it has none.")
        return
    titles = [f"{number}. {video['module']['name']}" for number, video in enumerate(videos, 1)]
    number = titles.index(st.selectbox("Video", titles)) if len(titles) > 1 else 0
    video = videos[number]
    segments = pd.DataFrame(video["segments"])
    segments["percent"] = 100 * segments["viewer_share"]
    segments["plays"] = 100 * segments["play_count"] / video["viewer_count"]
    marks = pd.DataFrame(video["marks"], columns=["kind", "segment_s", "viewer_share"])
    marks["percent"] = 100 * marks["viewer_share"]
    st.altair_chart(course_charts.retention(segments, marks))
    st.caption(
        f"{viewer.plain(video['module']['name'])}: {video['viewer_count']:,} viewers, by 5 seconds. The area says who"
        " saw a moment, the dashed line how often it was played: above the area it was watched again."
    )


def labelled(steps: list[dict[str, Any]]) -> pd.DataFrame:
    """Steps with the words that a chart shows; modules are numbered, so that two of one title stay two."""
    number, labels = 0, []
    for step in steps:
        number += step["kind"] is not None
        labels.append(f"{number}. {step['step']}" if step["kind"] else step["step"])
    return pd.DataFrame({**{name: [step[name] for step in steps] for name in steps[0]}, "label": labels})


def funnel(steps: list[dict[str, Any]], export: Export) -> None:
    export.heading("Funnel", "funnel")
    rows = labelled(steps)
    fewer = [f"  −{s['lost']:,}" if s["lost"] and s["lost"] > 0 else "" for s in steps]
    rows["told"] = [f"{s['person_count']:,} · {percent(s['share'])}{f}" for s, f in zip(steps, fewer, strict=True)]
    st.altair_chart(course_charts.funnel(rows))
    worst = max(steps[1:], key=lambda step: step["lost"] or 0, default=None)
    if worst and worst["lost"] and worst["lost"] > 0:
        before = steps[steps.index(worst) - 1]["step"]
        st.caption(
            f"Most leave between {viewer.plain(before)} and {viewer.plain(worst['step'])}: {worst['lost']:,} people,"
            f" {percent(worst['lost_share'])} of those before."
        )


def time_to_complete(time: dict[str, Any]) -> None:
    st.header("Time to complete")
    if not time["count"]:
        st.caption("Nobody has finished yet.")
        return
    quarter, median, three_quarters, most = (days(time[name]) for name in ("p25", "median", "p75", "p90"))
    st.markdown(
        f"Half finish within **{median}**; a quarter within {quarter}, three quarters within {three_quarters},"
        f" nine of ten within {most}."
    )
    bars = pd.DataFrame(time["histogram"])
    bars["label"] = [_span(one["from_days"], one["to_days"]) for one in time["histogram"]]
    st.altair_chart(course_charts.histogram(bars))


def _span(low: int, high: int | None) -> str:
    return f"{low}+" if high is None else f"<{high}" if low == 0 else f"{low}–{high}"


def ratings(given: dict[str, Any], comments: list[dict[str, Any]], export: Export) -> None:
    export.heading("Ratings and comments", "comments")
    if not given["count"]:
        st.caption("No ratings to show yet. Learners give one to five stars, and a comment if they like.")
        return
    st.altair_chart(course_charts.stars(given["by_stars"]))
    if not comments:
        st.caption("No comments, or the learners are narrowed down: a comment could then be laid to somebody's door.")
        return
    with st.container(height=230, border=False, key="comments"):
        for one in comments[:50]:
            shown = f"{'★' * one['stars']}{'☆' * (5 - one['stars'])}"
            written = date.fromisoformat(one["written_on"])
            st.markdown(f"**{shown}** {viewer.plain(one['comment'])}")
            st.caption(f"{written:%d %b %Y}, version {one['version']}")
