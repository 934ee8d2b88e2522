"""Charts of a creator's page; each has a description for those who don't see it."""

from typing import Any

import altair as alt
import pandas as pd

from dashboards.charts import AMBER, BLUE, GRID, INK, SLATE

CLOCK = "floor(datum.value/60) + ':' + (datum.value%60 < 10 ? '0' : '') + datum.value%60"
GREEN = "#1d7a52"
Chart = alt.LayerChart | alt.FacetChart


def retention(segments: pd.DataFrame, marks: pd.DataFrame) -> Chart:
    """Who saw each moment of a video as the area, its plays as the dashed line; what stands out is marked."""
    area = (
        alt.Chart(segments)
        .mark_area(
            line={"color": BLUE},
            color=alt.Gradient(  # type: ignore[no-untyped-call]
                gradient="linear",
                stops=[alt.GradientStop(color="#ffffff", offset=0), alt.GradientStop(color="#9cc3ea", offset=1)],
                x1=1,
                x2=1,
                y1=1,
                y2=0,
            ),
        )
        .encode(
            x=alt.X("segment_s:Q", title=None, axis=alt.Axis(labelExpr=CLOCK, grid=False)),
            y=alt.Y(
                "percent:Q",
                title="per 100 viewers",
                scale=alt.Scale(domain=[0, max(110, 12 + float(segments["plays"].max()))], nice=False),
                axis=alt.Axis(gridColor=GRID),
            ),
            tooltip=[
                alt.Tooltip("segment_s", title="Second"),
                alt.Tooltip("percent", title="% of viewers", format=".0f"),
                alt.Tooltip("play_count", title="Plays"),
            ],
        )
    )
    plays = alt.Chart(segments).mark_line(color=AMBER, strokeDash=[4, 3], strokeWidth=1.5)
    plays = plays.encode(x="segment_s:Q", y="plays:Q")
    dots = alt.Chart(marks).encode(x="segment_s:Q", y="percent:Q")
    points = dots.mark_point(size=70, filled=True, color="#e08a00", opacity=1)
    words = dots.mark_text(dy=18, fontWeight=600, color=INK).encode(text="kind:N")
    return alt.layer(area, plays, points, words).properties(
        height=290, description="Share of viewers at each moment of the video"
    )


def funnel(steps: pd.DataFrame) -> Chart:
    """People at each step, in order, with their share of the enrolled and how many fewer they are than before."""
    most = float(max(steps["person_count"].max(), 1))
    base = alt.Chart(steps).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=150)),
        x=alt.X("person_count:Q", axis=None, scale=alt.Scale(domain=[0, 1.95 * most], nice=False)),
        tooltip=[
            alt.Tooltip("step", title="Step"),
            alt.Tooltip("person_count", title="People"),
            alt.Tooltip("share", title="Of the enrolled", format=".1%"),
            alt.Tooltip("lost", title="Fewer than before"),
            alt.Tooltip("lost_share", title="Of those before", format=".1%"),
        ],
    )
    bars = base.mark_bar(cornerRadius=4, height={"band": 0.72}, color=BLUE)
    words = base.mark_text(align="left", dx=6, color=INK, fontWeight=600).encode(text="told:N")
    height = max(200, 36 * len(steps))
    return alt.layer(bars, words).properties(height=height, description="People at each step of the course")


def histogram(bars: pd.DataFrame) -> Chart:
    """How many took how many days."""
    base = alt.Chart(bars).encode(
        x=alt.X("label:N", sort=None, title="days from enrolling to finishing", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("person_count:Q", title=None, axis=alt.Axis(gridColor=GRID, tickCount=4, format="~s")),
        tooltip=[alt.Tooltip("label", title="Days"), alt.Tooltip("person_count", title="People")],
    )
    marks = base.mark_bar(cornerRadiusEnd=3, color=BLUE)
    words = base.mark_text(dy=-7, fontSize=11, color=INK).encode(text=alt.Text("person_count:Q", format=","))
    return alt.layer(marks, words).properties(height=210, description="How many people took how many days")


def stars(counts: list[int]) -> Chart:
    """How many gave how many stars, the best first."""
    rows = pd.DataFrame({"stars": [f"{n} ★" for n in (5, 4, 3, 2, 1)], "count": counts[::-1]})
    base = alt.Chart(rows).encode(
        y=alt.Y("stars:N", sort=None, title=None), x=alt.X("count:Q", axis=None, scale=alt.Scale(domainMin=0))
    )
    bars = base.mark_bar(cornerRadius=3, height={"band": 0.7}, color="#e0a100")
    words = base.mark_text(align="left", dx=5, color=INK).encode(text="count:Q")
    return alt.layer(bars, words).properties(height=120, description="How many gave how many stars")


def distractors(choices: list[dict[str, Any]]) -> Chart:
    """Who chose what: the strongest and the weakest third of the learners beside each other."""
    rows = pd.DataFrame(
        [
            {
                "choice": f"{'✓ ' if choice['is_correct'] else ''}{chr(65 + n)}. {choice['label']}",
                "third": third,
                "share": choice[field] or 0,
                "all": choice["share"],
            }
            for n, choice in enumerate(choices)
            for third, field in (("strongest third", "upper_share"), ("weakest third", "lower_share"))
        ]
    )
    base = alt.Chart(rows).encode(
        y=alt.Y("choice:N", sort=None, title=None, axis=alt.Axis(labelLimit=270)),
        yOffset=alt.YOffset("third:N", sort=["strongest third", "weakest third"]),
        x=alt.X("share:Q", title=None, scale=alt.Scale(domain=[0, 1.08]), axis=alt.Axis(format="%", gridColor=GRID)),
        tooltip=["choice", "third", alt.Tooltip("share", format=".0%"), alt.Tooltip("all", title="All", format=".0%")],
    )
    colours = alt.Scale(domain=["strongest third", "weakest third"], range=[GREEN, "#c2873c"])
    bars = base.mark_bar(cornerRadius=2).encode(
        color=alt.Color("third:N", scale=colours, legend=alt.Legend(orient="top", title=None, columns=1))
    )
    words = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(text=alt.Text("share:Q", format=".0%"))
    return alt.layer(bars, words).properties(
        height=60 + 44 * len(choices), description="Choices of the strongest and the weakest third of the learners"
    )


def overlay(segments: pd.DataFrame, colours: list[str]) -> alt.Chart:
    """The retention of a film in two versions."""
    lines: alt.Chart = (
        alt.Chart(segments)
        .mark_line(strokeWidth=2.2)
        .encode(
            x=alt.X("segment_s:Q", title=None, axis=alt.Axis(labelExpr=CLOCK, grid=False)),
            y=alt.Y(
                "viewer_share:Q",
                title="of viewers",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", gridColor=GRID),
            ),
            color=_version(colours),
            strokeDash=alt.StrokeDash("version:N", legend=None),
            tooltip=["version", "segment_s", alt.Tooltip("viewer_share", format=".0%")],
        )
        .properties(height=260, description="Share of viewers at each moment, in both versions")
    )
    return lines


def two_funnels(steps: pd.DataFrame, colours: list[str]) -> Chart:
    """The share of the enrolled at each step, in two versions."""
    base = alt.Chart(steps).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=150)),
        yOffset=alt.YOffset("version:N"),
        x=alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, 1.15])),
        tooltip=["version", "label", "person_count", alt.Tooltip("share", format=".1%")],
    )
    bars = base.mark_bar(cornerRadius=2).encode(color=_version(colours))
    words = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(text=alt.Text("share:Q", format=".0%"))
    height = 40 + 42 * steps["label"].nunique()
    return alt.layer(bars, words).properties(height=height, description="Share at each step, in both versions")


def _version(colours: list[str]) -> alt.Color:
    scale = alt.Scale(domain=colours, range=[BLUE, SLATE])
    return alt.Color("version:N", scale=scale, legend=alt.Legend(orient="top", title=None))
