"""For somebody whom no page here is for."""

import streamlit as st


def page() -> None:
    st.title("Welcome to Praxis")
    st.info(
        "These pages show teams to their managers and courses to their creators. Nobody reports to you today and "
        "you own no course, so there is nothing to show here yet. If that is wrong, HR's data says so.",
        icon=":material/info:",
    )
