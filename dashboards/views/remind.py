"""A button that reminds people of what is due; each hears of a course at most once a day."""

from typing import Any

import streamlit as st

from dashboards import viewer
from dashboards.client import ApiProblem, Client

MOST = 200


def button(api: Client, items: list[dict[str, Any]], *, key: str) -> None:
    people = {item["person"]["id"] for item in items}
    words = "Send a reminder" if len(items) == 1 else f"Send {len(items[:MOST])} reminders to {len(people)} people"
    if not st.button(words, icon=":material/notifications:", key=f"remind_{key}", type="primary"):
        return
    sent = [{"person_id": item["person"]["id"], "course_id": item["course"]["id"]} for item in items[:MOST]]
    try:
        told = api.remind(sent)
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    already = f" {told['already_today']} were reminded today already." if told["already_today"] else ""
    none = f" {told['not_due']} need none any more." if told["not_due"] else ""
    st.success(f"{told['sent']} sent.{already}{none}", icon=":material/check_circle:")
