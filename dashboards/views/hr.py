"""The exchange with HR systems, for the data team: how sources stand, what waits, is kept out, and went back."""

from datetime import UTC, datetime
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.views import hr_quarantine, hr_waiting, hr_write_back

Row = dict[str, Any]
STATUS = {
    "applying": "Being applied",
    "applied": "Applied",
    "held": "Waits for a decision",
    "approved": "Approved, applied next",
    "superseded": "A newer one came",
    "rejected": "Not applied",
}
KINDS = {"joined": "#2f6fb7", "rehired": "#7a5fb0", "changed": "#8fa3b8", "left": "#b5482f"}


def page() -> None:
    api = viewer.client()
    st.title("HR data")
    hr_waiting.say_what_was_done()
    sources = viewer.ask(api.hr_sources, waiting="Asking how the sources stand …")
    if not sources:
        st.info(
            "No HR system has brought anything yet. `./praxis hr drop FILE SOURCE` gives a first file.",
            icon=":material/info:",
        )
        return
    _figures(sources)
    _sources(sources)
    imports = viewer.ask(lambda: api.hr_imports(limit=50))
    hr_waiting.decide(api, [one for one in imports if one["status"] == "held"])
    _changes(sources)
    hr_quarantine.table(api)
    hr_write_back.table(api)
    _history(imports)


def _figures(sources: list[Row]) -> None:
    """What somebody looks at first; the worst source decides."""
    late = [one["source"] for one in sources if not one["is_fresh"]]
    employed, fresh, waiting, kept = st.columns(4)
    employed.metric("People employed", f"{sum(one['employed'] for one in sources):,}", border=True)
    fresh.metric("Fresh sources", f"{len(sources) - len(late)} of {len(sources)}", border=True)
    waiting.metric("Waiting for a decision", sum(one["waiting"] for one in sources), border=True)
    kept.metric("Rows in quarantine", f"{sum(one['quarantined'] for one in sources):,}", border=True)


def _sources(sources: list[Row]) -> None:
    with st.container(border=True, key="card_sources"):
        st.header("Sources")
        st.dataframe(
            pd.DataFrame(
                {
                    "Source": [one["source"] for one in sources],
                    "State": ["Fresh" if one["is_fresh"] else "Late" for one in sources],
                    "Last sync": [ago(one["last_sync_at"]) for one in sources],
                    "Day of its data": [one["as_of"] for one in sources],
                    "People": [one["employed"] for one in sources],
                    "Newest delivery": [one["import"] and one["import"]["file_name"] for one in sources],
                    "What became of it": [
                        STATUS[one["import"]["status"]] if one["import"] else None for one in sources
                    ],
                }
            ),
            hide_index=True,
            alt="HR sources with their last sync",
            placeholder="–",
            column_config={"Day of its data": st.column_config.DateColumn(format="DD MMM YYYY")},
        )
        for one in sources:
            for problem in one["problems"]:
                said = f"**{viewer.plain(one['source'])}**: {viewer.plain(problem['says'])}"
                st.warning(said, icon=":material/error:")


def ago(moment: str | None) -> str | None:
    """'4 minutes ago', so that nobody has to know the server's clock."""
    if moment is None:
        return None
    seconds = max(0, (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'s' if number > 1 else ''} ago"
    return "just now"


def _changes(sources: list[Row]) -> None:
    days = pd.DataFrame([{"source": one["source"], **day} for one in sources for day in one["changes"]])
    with st.container(border=True, key="card_changes"):
        st.header("Changes by kind, 30 days")
        if days.empty:
            st.caption("Nothing has changed.")
            return
        told = days.melt(["source", "day"], list(KINDS), "kind", "people")
        chart = (
            alt.Chart(told[told["people"] > 0])
            .mark_bar(size=18)
            .encode(
                x=alt.X("yearmonthdate(day):O", title=None, axis=alt.Axis(format="%d %b", labelAngle=0)),
                y=alt.Y("sum(people):Q", title="People"),
                color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(KINDS), range=list(KINDS.values()))),
                tooltip=[
                    "source",
                    "kind",
                    alt.Tooltip("people:Q", format=","),
                    alt.Tooltip("day:T", format="%d %b %Y"),
                ],
            )
            .properties(height=220)
        )
        st.altair_chart(chart)
        sums = told.groupby("kind", sort=False)["people"].sum()
        st.caption(" · ".join(f"{kind} {sums[kind]:,}" for kind in KINDS))


def _history(imports: list[Row]) -> None:
    with st.container(border=True, key="card_history"):
        st.header("Deliveries")
        st.dataframe(
            pd.DataFrame(
                {
                    "When (UTC)": pd.to_datetime([one["created_at"] for one in imports], utc=True, format="ISO8601"),
                    "Source": [one["source"] for one in imports],
                    "Delivery": [one["file_name"] for one in imports],
                    "What became of it": [STATUS[one["status"]] for one in imports],
                    "People": [counted(one["counts"]) for one in imports],
                    "Why": [one["reason"] for one in imports],
                    "Decided by": [
                        (one["decided_by"] or "The terminal") if one["decided_at"] else None for one in imports
                    ],
                }
            ),
            hide_index=True,
            height=min(420, 38 + 35 * max(1, len(imports))),
            alt="Deliveries of HR systems, the newest first",
            placeholder="–",
            column_config={
                "When (UTC)": st.column_config.DatetimeColumn(format="DD MMM YYYY, HH:mm", timezone="UTC"),
                "Why": st.column_config.TextColumn(width="large"),
            },
        )


def counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "nothing changed"
