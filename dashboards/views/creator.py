"""A creator's page: how a course does, where people leave, which quiz items to look at, what learners say."""

from typing import Any

import streamlit as st

from dashboards import viewer
from dashboards.client import Client
from dashboards.views import creator_cards as cards
from dashboards.views import creator_groups as groups
from dashboards.views import creator_items as items
from dashboards.views.creator_export import Export

ALL = "All"


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
    whole = viewer.ask(lambda: api.course_analytics(chosen))["detail"]
    heading.title(f"Course insight: {viewer.plain(whole['course']['name'])}")
    if not courses[chosen]["learner_count"]:
        st.info("Nobody is enrolled yet. The numbers begin with the first learner.", icon=":material/info:")
        return
    filters = _filters(chosen, whole)
    given = {name: value for name, value in filters.items() if value is not None}
    detail = viewer.ask(lambda: api.course_analytics(chosen, **given))["detail"] if given else whole
    _cards(api, chosen, detail, given)
    st.caption(
        f"Lake snapshot {overview['freshness']['lake_snapshot']}; built again every 15 minutes. {overview['privacy']}"
        " Unit and country are where somebody works now."
    )


def _label(course: dict[str, Any]) -> str:
    return f"{course['course']['name']} · {course['learner_count']:,} learners"


def _filters(course_id: str, detail: dict[str, Any]) -> dict[str, Any]:
    """What the viewer narrowed the page to, as the API's parameters; asked only where there is a choice."""
    versions = {str(one["number"]): _version(one) for one in detail["versions"]}
    offered = {name: {one["key"]: one["name"] for one in detail["options"][name]} for name in detail["options"]}
    filters: dict[str, Any] = {}
    with st.container(horizontal=True, key="filters"):
        filters["version"] = _choice("Version", versions, course_id)
        for name, label in (("unit", "Unit"), ("country", "Country"), ("cohort", "Enrolled in")):
            filters[name] = _choice(label, offered[name], course_id)
        current = next((str(one["number"]) for one in detail["versions"] if one["is_current"]), None)
        base = filters["version"] or current
        others = {number: name for number, name in versions.items() if number != base}
        if len(versions) > 1:
            filters["compare"] = _choice("Compare with", others, course_id, nothing="Nothing", least=1)
    return filters


def _version(version: dict[str, Any]) -> str:
    now = ", current" if version["is_current"] else ""
    return f"Version {version['number']}{now} ({version['learner_count']:,})"


def _choice(label: str, options: dict[str, str], course_id: str, *, nothing: str = ALL, least: int = 2) -> str | None:
    if len(options) < least:
        return None
    names = {nothing: nothing, **options}
    chosen = st.selectbox(label, list(names), format_func=lambda key: names[key], key=f"{label}-{course_id}", width=165)
    return None if chosen == nothing else chosen


def _cards(api: Client, course_id: str, detail: dict[str, Any], filters: dict[str, Any]) -> None:
    if detail["hidden"]:
        st.info(detail["hidden"], icon=":material/shield_person:")
    else:
        export = Export(api, course_id, filters)
        cards.kpis(detail)
        left, right = st.columns([1.3, 1])
        with left.container(border=True, height="stretch", key="card_retention"):
            cards.retention(detail["retention"], export)
        with right.container(border=True, height="stretch", key="card_funnel"):
            cards.funnel(detail["funnel"], export)
        with st.container(border=True, key="card_quiz"):
            items.card(detail["quiz_items"], export)
        left, right = st.columns([1.3, 1])
        with left.container(border=True, height="stretch", key="card_time"):
            cards.time_to_complete(detail["completion_time"])
        with right.container(border=True, height="stretch", key="card_ratings"):
            cards.ratings(detail["ratings"], detail["comments"], export)
        with st.container(border=True, key="card_groups"):
            groups.card(detail["breakdown"], export)
    if detail["comparison"]:
        with st.container(border=True, key="card_compare"):
            groups.comparison(detail["comparison"])
