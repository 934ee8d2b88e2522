"""Charts that several pages draw; each has a description for those who don't see it."""

import altair as alt
import pandas as pd

INK, GRID, BLUE, AMBER, SLATE = "#17253a", "#e6ebf2", "#0b5cab", "#b45f06", "#5b6b7f"
TARGET = 0.95
LINES = 6
ROWS = 12
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


def fewest(cells: pd.DataFrame) -> pd.DataFrame:
    """The units that are furthest behind over all their courses: more rows than these nobody reads."""
    sums = cells.groupby("team")[["compliant", "overdue"]].sum()
    rates = sums["compliant"] / (sums["compliant"] + sums["overdue"])
    return cells[cells["team"].isin(rates.nsmallest(ROWS).index)]


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
