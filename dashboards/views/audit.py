"""The audit log: who did what to whom, when, from where, with before and after; and all of it to take away."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import Client

Entry = dict[str, Any]
BACK = timedelta(days=30)
PAGE = 50
CHOSEN, PLACE = "audit_chosen", "audit_place"
ALL = "Everything"
ACTS = [
    *(ALL, "identity.", "identity.sign_in_failed", "identity.role", "identity.client", "people.", "courses."),
    *("compliance.", "reports.", "identity.audit_log_exported"),
]
"""Beginnings of acts; others may be typed."""

FILES = {"csv": ("CSV", "text/csv"), "jsonl": ("JSON Lines", "application/jsonl")}
AT_TERMINAL = "praxis-operator"


def page() -> None:
    api = viewer.client()
    st.title("Audit log")
    filters = _filters()
    if filters is None:
        return
    cursor, place = _place(filters)
    found = viewer.ask(lambda: api.audit_log(**filters, cursor=cursor, limit=PAGE), waiting="Reading the log …")
    entries = found["items"]
    if not entries:
        st.info("Nothing was recorded that matches. Widen the days, or leave a field empty.", icon=":material/info:")
        return
    with st.container(border=True, key="card_entries"):
        chosen = _choose(entries)
        _turn(place, found["next"])
    if chosen:
        _details(chosen)
    _exports(api, filters)


def _filters() -> dict[str, Any] | None:
    """What the viewer asks for, as the API's parameters; None where it can't be asked."""
    today = datetime.now(UTC).date()
    who, act, whom, when = st.columns([1.5, 1.6, 1.5, 1.6], vertical_alignment="bottom")
    actor = who.text_input("Who", placeholder="Name, e-mail or id", max_chars=200)
    action = act.selectbox("Did what", ACTS, accept_new_options=True) or ALL
    target = whom.text_input("To whom or what", placeholder="Name, e-mail or id", max_chars=200)
    days = when.date_input("Days (UTC)", (today - BACK, today), format="DD/MM/YYYY")
    if action != ALL and not re.fullmatch(r"[a-z_.]{1,80}", action):
        st.warning("An act is written like identity.signed_in; its beginning is enough.")
        return None
    first, last = days if isinstance(days, tuple) and len(days) == 2 else (None, None)
    return {
        "actor": actor.strip() or None,
        "action": None if action == ALL else action,
        "target": target.strip() or None,
        "from": first and _midnight(first),
        "to": last and _midnight(last + timedelta(days=1)),
    }


def _midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat()


def _place(filters: dict[str, Any]) -> tuple[int | None, list[int]]:
    """(where this page begins, the beginnings of the pages up to here); another search begins anew."""
    asked, place = st.session_state.get(PLACE, (None, []))
    if asked != filters:
        place = []
        st.session_state[PLACE] = (filters, place)
    return (place[-1] if place else None), place


def _turn(place: list[int], following: str | None) -> None:
    newer, number, older = st.columns([1, 3, 1], vertical_alignment="center")
    number.caption(f"Page {len(place) + 1}, the newest first. Times are in UTC.", text_alignment="center")
    back, on = ":material/chevron_left:", ":material/chevron_right:"
    newer.button("Newer", icon=back, disabled=not place, on_click=partial(place.__delitem__, -1), width="stretch")
    further = partial(place.append, int(following or 0))
    older.button("Older", icon=on, disabled=not following, on_click=further, width="stretch")


def _choose(entries: list[Entry]) -> Entry | None:
    """The entry whose row is chosen; it stays chosen while newer ones come in above it."""
    numbers = [entry["seq"] for entry in entries]
    before = st.session_state.get(CHOSEN)
    selected = [numbers.index(before)] if before in numbers else []
    state = st.dataframe(
        _table(entries),
        hide_index=True,
        height=min(560, 38 + 35 * len(entries)),
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": selected, "columns": [], "cells": []}},
        key=f"audit-{numbers[0]}-{numbers[-1]}",
        alt="Entries of the audit log, the newest first",
        placeholder="–",
        column_config={
            "When (UTC)": st.column_config.DatetimeColumn(format="DD MMM YYYY, HH:mm:ss", timezone="UTC", pinned=True),
            "Change": st.column_config.TextColumn(width="medium"),
        },
    )
    rows = state["selection"]["rows"]
    st.session_state[CHOSEN] = numbers[rows[0]] if rows else None
    return entries[rows[0]] if rows else None


def _table(entries: list[Entry]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "When (UTC)": pd.to_datetime([entry["recorded_at"] for entry in entries], utc=True, format="ISO8601"),
            "Who": [who_did(entry) for entry in entries],
            "Did what": [act(entry) for entry in entries],
            "To whom or what": [to_whom(entry) for entry in entries],
            "Change": [change(entry) for entry in entries],
            "From where": [entry["ip"] or entry["user_agent"] for entry in entries],
        }
    )


def who_did(entry: Entry) -> str:
    """A person's name; without one the application, the terminal, or that nobody was known."""
    actor = entry["actor"]
    name = actor["name"] or (f"account {actor['account_id']}" if actor["account_id"] else None)
    if name is None:
        name = "The terminal" if actor["client_id"] == AT_TERMINAL else actor["client_id"] or "Nobody known"
    for_whom = entry["on_behalf_of_name"] or entry["on_behalf_of"]
    return f"{name} for {for_whom}" if for_whom else str(name)


def act(entry: Entry) -> str:
    """'identity.sign_in_failed' as 'sign in failed'."""
    return str(entry["action"].partition(".")[2].replace("_", " "))


def to_whom(entry: Entry) -> str:
    kind = entry["target_type"].replace("_", " ")
    return str(entry["target_name"] or " ".join(filter(None, (kind, entry["target_id"]))))


def change(entry: Entry) -> str:
    """What is different, each as 'field: before -> after'; what only came, as 'field: value'."""
    before, after = entry["before"] or {}, entry["after"] or {}
    lines = []
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if name in before and name in after and old == new:
            continue
        shown = f"{_value(old)} -> {_value(new)}" if name in before else _value(new)
        lines.append(f"{name.replace('_', ' ')}: {shown}")
    return "; ".join([*lines, *([entry["note"]] if entry["note"] else [])])


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(one)}" for name, one in value.items()) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)


def _details(entry: Entry) -> None:
    with st.container(border=True, key="card_entry"):
        st.header(f"Entry {entry['seq']}: {viewer.plain(act(entry))}")
        at = datetime.fromisoformat(entry["recorded_at"]).astimezone(UTC)
        actor = entry["actor"]
        facts = {
            "When": f"{at:%d %b %Y, %H:%M:%S} UTC",
            "Who": who_did(entry),
            "By": actor["client_id"],
            "Act": entry["action"],
            "On": to_whom(entry),
            "Address": entry["ip"],
            "Program": entry["user_agent"],
            "Note": entry["note"],
            "Account": actor["account_id"],
            "Target": entry["target_id"],
            "Request": entry["request_id"],
            "Hash": entry["hash"],
        }
        st.markdown("\n".join(f"- **{name}** {viewer.plain(str(said))}" for name, said in facts.items() if said))
        old, new = st.columns(2)
        for column, name, said in ((old, "Before", entry["before"]), (new, "After", entry["after"])):
            column.caption(name)
            column.code(json.dumps(said, indent=2, ensure_ascii=False) if said is not None else "–", language="json")


def _exports(api: Client, filters: dict[str, Any]) -> None:
    st.caption(
        "An export has everything that matches, the oldest first, with each entry's hash, so that anybody can check it "
        "without Praxis. It is itself recorded in the log."
    )
    today = datetime.now(UTC).date()
    columns = st.columns([1, 1, 3])
    for column, (kind, (name, mime)) in zip(columns, FILES.items(), strict=False):
        column.download_button(
            f"Export {name}",
            partial(api.audit_export, kind, **filters),
            f"audit-log-{today}.{kind}",
            mime,
            icon=":material/download:",
            width="stretch",
            on_click="ignore",
        )
