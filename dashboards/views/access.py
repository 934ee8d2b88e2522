"""Who has which role, and who has a second manager: read by officers, auditors and HR data, changed by who may."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import ApiProblem, Client

ROLES = viewer.ROLES
FOR_UNITS = {"officer", "auditor"}
WHOLE = "The whole company"
SAID, DONE = "access_said", "access_done"
Row = dict[str, Any]


def page() -> None:
    api = viewer.client()
    roles = set(viewer.me(api)["roles"])
    writes = "auditor" not in roles  # an auditor reads all and writes nothing, whatever else they are
    st.title("Roles")
    if said := st.session_state.pop(SAID, None):
        st.toast(said, icon=":material/check:")
    _grants(api, may_grant=writes and "officer" in roles)
    if roles & {"officer", "hr_data"}:
        _lines(api, may_draw=writes)


def _grants(api: Client, *, may_grant: bool) -> None:
    grants = viewer.ask(api.role_grants, waiting="Reading who has which role …")
    with st.container(border=True, key="card_grants"):
        st.header("Who has which role")
        st.caption(
            "Managers are not here: whom somebody leads follows from HR's data. As far as your own role reaches."
        )
        if not grants:
            st.info("Nobody has been granted a role yet.", icon=":material/info:")
        chosen = _choose(grants, _grant_table(grants), "grants", "Roles that were granted") if grants else None
        if chosen and may_grant:
            _withdraw(api, chosen)
    if may_grant:
        _grant(api)


def _grant_table(grants: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Person": [_name(one) for one in grants],
            "E-mail": [one["email"] for one in grants],
            "Role": [ROLES.get(one["role"], one["role"]) for one in grants],
            "For": [one["org_unit"]["name"] if one["org_unit"] else WHOLE for one in grants],
            "Until (UTC)": pd.to_datetime([one["valid_until"] for one in grants], utc=True, format="ISO8601"),
            "Granted by": ["company sign-in" if one["source"] == "idp" else "Praxis" for one in grants],
        }
    )


def _name(grant: Row) -> str:
    return str(grant["person"]["name"] if grant["person"] else "External")


def _withdraw(api: Client, grant: Row) -> None:
    who, role = _name(grant), ROLES.get(grant["role"], grant["role"])
    if st.button(f"Withdraw {role} from {who}", icon=":material/person_remove:"):
        _do(lambda: api.withdraw_role(grant["id"]), f"{who} is {role} no more.")


def _grant(api: Client) -> None:
    units = {unit["name"]: unit["id"] for unit in viewer.ask(api.org_units)}
    with st.container(border=True, key="card_grant"):
        st.header("Give a role")
        who, what, where, until = st.columns([1.6, 1.2, 1.2, 1], vertical_alignment="bottom")
        email = who.text_input("E-mail of a person who works here", max_chars=320, key=_fresh("grant"))
        role = what.selectbox("Role", list(ROLES), format_func=ROLES.__getitem__)
        unit = where.selectbox("For", [WHOLE, *units], disabled=role not in FOR_UNITS)
        last = until.date_input("Last day (UTC)", None, min_value="today", format="DD/MM/YYYY", help="Empty: no end.")
        if st.button("Give the role", type="primary", disabled=not email.strip()):
            grant = {
                "email": email.strip(),
                "role": role,
                "org_unit_id": units.get(unit) if role in FOR_UNITS else None,
                "valid_until": _end_of(last) if isinstance(last, date) else None,
            }
            _do(lambda: api.grant_role(**grant), f"{email.strip()} is {ROLES[role]} from now on.")


def _end_of(day: date) -> str:
    return datetime.combine(day, time(23, 59, 59), UTC).isoformat()


def _lines(api: Client, *, may_draw: bool) -> None:
    lines = viewer.ask(api.dotted_lines)
    with st.container(border=True, key="card_lines"):
        st.header("Dotted lines")
        st.caption("A second manager sees this one person's progress and compliance, and nobody below them.")
        chosen = _choose(lines, _line_table(lines), "lines", "Dotted lines") if lines else None
        if chosen and may_draw and st.button("End this line today", icon=":material/link_off:"):
            _do(lambda: api.end_line(chosen["id"]), "The line has ended.")
        if not may_draw:
            return
        who, to, until = st.columns([1.6, 1.6, 1], vertical_alignment="bottom")
        person = who.text_input("E-mail of the person", max_chars=320, key=_fresh("person"))
        manager = to.text_input("E-mail of the second manager", max_chars=320, key=_fresh("manager"))
        last = until.date_input("Last day", None, min_value="today", format="DD/MM/YYYY", help="Empty: no end.")
        if st.button("Draw the line", disabled=not (person.strip() and manager.strip())):
            line = {
                "person_email": person.strip(),
                "manager_email": manager.strip(),
                "valid_to": (last + timedelta(days=1)).isoformat() if isinstance(last, date) else None,
            }
            _do(lambda: api.draw_line(**line), f"{manager.strip()} sees {person.strip()} from today on.")


def _line_table(lines: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Person": [one["person"]["name"] for one in lines],
            "Second manager": [one["manager"]["name"] for one in lines],
            "From": [date.fromisoformat(one["valid_from"]) for one in lines],
            "Last day": [
                date.fromisoformat(one["valid_to"]) - timedelta(days=1) if one["valid_to"] else None for one in lines
            ],
        }
    )


def _choose(rows: list[Row], table: pd.DataFrame, key: str, alt: str) -> Row | None:
    state = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"{key}-{hash(tuple(row['id'] for row in rows))}",
        alt=alt,
        placeholder="–",
        column_config={name: st.column_config.DateColumn(format="DD MMM YYYY") for name in table if "From" in name},
    )
    chosen = state["selection"]["rows"]
    return rows[chosen[0]] if chosen else None


def _fresh(name: str) -> str:
    """A field of this key is empty again after each change that was made, and keeps what was refused."""
    return f"{name}-{st.session_state.get(DONE, 0)}"


def _do(change: Callable[[], None], said: str) -> None:
    """Make the change and show the new state; what the API refuses is a sentence beside the form."""
    try:
        change()
    except ApiProblem as problem:
        if problem.status == 401:
            viewer.leave()
        viewer.show_problem(problem)
        return
    st.session_state[SAID] = said
    st.session_state[DONE] = st.session_state.get(DONE, 0) + 1
    st.rerun()
