"""Quiz items: how hard, how telling, what the strongest and the weakest chose, changes of mind, time."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import course_charts, viewer
from dashboards.views.creator_cards import percent
from dashboards.views.creator_export import Export

Item = dict[str, Any]


def card(items: list[Item], export: Export) -> None:
    export.heading("Quiz items", "items")
    if not items:
        st.caption("This course has no quiz.")
        return
    names = [_name(number, item) for number, item in enumerate(items, 1)]
    st.dataframe(
        _table(items, names),
        hide_index=True,
        placeholder="–",
        alt="Quiz items with their difficulty and discrimination",
        column_config={
            "Item": st.column_config.TextColumn(width=250, pinned=True),
            "Correct": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d %%"),
            "Discrimination": st.column_config.NumberColumn(
                format="%.2f", help="Do those who know the rest get this right? Below 0.15: look at it."
            ),
            "Answers": st.column_config.BarChartColumn("Answers A, B, C …", y_min=0, y_max=100),
            "Answered": st.column_config.NumberColumn(help="First answers, one a learner"),
            "Changed": st.column_config.NumberColumn(format="%d %%", help="Chose something else before handing in"),
            "Seconds": st.column_config.NumberColumn(format="%d s", help="Median time on the item"),
        },
    )
    for name, item in zip(names, items, strict=True):
        verdict, _, reason = item["flag"].partition(": ")
        if reason:
            st.markdown(f":orange-badge[{verdict}] **{viewer.plain(name)}** {reason}.")
    _one(items, names)


def _name(number: int, item: Item) -> str:
    older = "" if item["is_shown"] else f" (item version {item['item_version']}, not in this version of the course)"
    return f"{number}. {item['prompt']}{older}"


def _table(items: list[Item], names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Item": names,
            "Correct": [_hundredth(item["correct_share"]) for item in items],
            "Discrimination": [item["discrimination"] for item in items],
            "Answers": [[100 * choice["share"] for choice in item["choices"]] for item in items],
            "Answered": [item["answer_count"] for item in items],
            "Changed": [_hundredth(item["changed_share"]) for item in items],
            "Seconds": [item["median_s"] for item in items],
            "Flag": [item["flag"].partition(":")[0] for item in items],
        }
    )


def _hundredth(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _one(items: list[Item], names: list[str]) -> None:
    """Everything of one item: the first that wants a look, until the viewer chooses."""
    st.subheader("One item")
    wanted = next((n for n, item in enumerate(items) if item["flag"].startswith("Review")), 0)
    at = st.selectbox("Item", range(len(items)), wanted, format_func=lambda n: names[n], label_visibility="collapsed")
    item = items[at]
    chart, words = st.columns([1.5, 1])
    with chart:
        if item["choices"]:
            st.altair_chart(course_charts.distractors(item["choices"]))
        else:
            st.caption(f"An item of the kind {viewer.plain(item['kind'])} has no choices to compare.")
    words.markdown("\n".join(f"- {line}" for line in _facts(item)))


def _facts(item: Item) -> list[str]:
    facts = [
        f"{item['answer_count']:,} first answers, **{percent(item['correct_share'])}** right",
        f"strongest third {percent(item['upper_correct_share'])} right, weakest {percent(item['lower_correct_share'])}",
        f"right in the end, after all attempts: {percent(item['last_correct_share'])}",
    ]
    if item["points_share"] is not None and item["points_share"] != item["correct_share"]:
        facts.append(f"points earned: {percent(item['points_share'])}")
    if item["traced_count"]:
        facts.append(
            f"right at the first choice {percent(item['first_correct_share'])}; changed by"
            f" {percent(item['changed_share'])}: {percent(item['wrong_to_right_share'])} from wrong to right,"
            f" {percent(item['right_to_wrong_share'])} from right to wrong"
        )
    if item["median_s"] is not None:
        facts.append(f"median {item['median_s']:.0f} seconds, nine of ten within {item['p90_s']:.0f}")
    return facts
