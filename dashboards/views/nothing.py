"""For somebody whom no page here is for."""

import streamlit as st

from dashboards import viewer


def page() -> None:
    st.title("Welcome to Praxis")
    if "hr_data" in viewer.me(viewer.client())["roles"]:
        st.info(
            "You look after the data: HR's files, the lake and the models behind every number. They are under "
            "Data pipelines, at the left; you are signed in there already.",
            icon=":material/database:",
        )
        return
    st.info(
        "These pages show teams to their managers and courses to their creators. Nobody reports to you today and "
        "you own no course, so there is nothing to show here yet. If that is wrong, HR's data says so.",
        icon=":material/info:",
    )
