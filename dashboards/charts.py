"""Charts that several pages draw; each has a description for those who don't see it."""

import altair as alt
import pandas as pd

INK, GRID, BLUE, AMBER, SLATE = "#17253a", "#e6ebf2", "#0b5cab", "#b45f06", "#5b6b7f"
TARGET = 0.95
LINES = 6
ROOMY = 6
"""From so many columns on "100%" needs smaller letters."""


def heat_strip(cells: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Teams down, courses across, the compliance rate as colour and number; one team has its courses down."""
    down, across = ("course:N", "team:N") if cells["team"].nunique() == 1 else ("team:N", "course:N")
    slanted = alt.Axis(labelAngle=-35, labelAlign="right", labelLimit=170, labelOverlap=False)
    base = alt.Chart(cells).encode(
        x=alt.X(across, title=None, axis=slanted if across == "course:N" else alt.Axis(labelAngle=0)),
        y=alt.Y(down, title=None, axis=alt.Axis(labelLimit=190)),
        tooltip=[
            alt.Tooltip("team", title="Team"),
            alt.Tooltip("course", title="Course"),
            alt.Tooltip("rate", title="Compliance rate", format=".0%"),
            alt.Tooltip("overdue", title="Overdue"),
            alt.Tooltip("total", title="Obligations"),
        ],
    )
    scale = alt.Scale(domain=[0.5, 0.8, 1.0], range=["#c8493f", "#f2d492", "#2f8f66"], clamp=True)
    tiles = base.mark_rect(cornerRadius=4, stroke="white", strokeWidth=3).encode(
        color=alt.Color("rate:Q", scale=scale, legend=None)
    )
    dark = alt.condition("datum.rate < 0.58 || datum.rate > 0.94", alt.value("white"), alt.value(INK))
    size = 12 if cells["course"].nunique() < ROOMY else 10
    words = base.mark_text(fontSize=size, fontWeight=600).encode(text=alt.Text("rate:Q", format=".0%"), color=dark)
    height = strip_height(cells)
    return alt.layer(tiles, words).properties(height=height, description="Compliance rate by team and course")


def strip_height(cells: pd.DataFrame) -> int:
    """Pixels that the heat strip needs for its rows."""
    teams, courses = int(cells["team"].nunique()), int(cells["course"].nunique())
    return 40 + 46 * courses if teams == 1 else 110 + 34 * teams


def furthest_behind(points: pd.DataFrame) -> pd.DataFrame:
    """The teams with the lowest rate on the last day: more lines than these can't be told apart."""
    last = points[points["day"] == points["day"].max()].nsmallest(LINES, "rate")
    return points[points["team"].isin(last["team"])]


def trend(points: pd.DataFrame, *, height: int) -> alt.LayerChart | alt.FacetChart:
    """One line a team over 26 weeks, and the target as a dashed line."""
    lines = (
        alt.Chart(points)
        .mark_line(strokeWidth=2, opacity=0.85)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%b", grid=False, tickCount="month")),
            y=alt.Y(
                "rate:Q",
                title=None,
                scale=alt.Scale(zero=False, nice=True),
                axis=alt.Axis(format="%", tickCount=5, gridColor=GRID),
            ),
            color=alt.Color("team:N", legend=alt.Legend(orient="bottom", title=None, columns=3, labelLimit=110)),
            tooltip=["team", alt.Tooltip("day:T", format="%d %b %Y"), alt.Tooltip("rate:Q", format=".0%")],
        )
    )
    target = alt.Chart(pd.DataFrame({"rate": [TARGET], "day": [points["day"].min()]})).encode(y="rate:Q")
    rule = target.mark_rule(strokeDash=[4, 4], color=SLATE)
    word = target.mark_text(align="left", dx=4, dy=-7, color=SLATE, fontSize=11).encode(
        x="day:T", text=alt.value(f"Target {TARGET:.0%}")
    )
    return alt.layer(lines, rule, word).properties(
        height=height, description="Compliance rate of each team over 26 weeks"
    )


def retention(segments: pd.DataFrame, marks: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Who saw each moment of a video as the area, its plays as the dashed line; what stands out is marked."""
    clock = "floor(datum.value/60) + ':' + (datum.value%60 < 10 ? '0' : '') + datum.value%60"
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
            x=alt.X("segment_s:Q", title=None, axis=alt.Axis(labelExpr=clock, grid=False)),
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


def funnel(steps: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """People at each step, in order."""
    base = alt.Chart(steps).encode(
        y=alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelLimit=140)),
        x=alt.X("person_count:Q", axis=None, scale=alt.Scale(domainMin=0)),
        tooltip=["step", alt.Tooltip("person_count", title="People")],
    )
    bars = base.mark_bar(cornerRadius=4, height=28, color=BLUE)
    words = base.mark_text(align="left", dx=6, color=INK, fontWeight=600).encode(
        text=alt.Text("person_count:Q", format=",")
    )
    return alt.layer(bars, words).properties(height=290, description="People at each step of the course")
