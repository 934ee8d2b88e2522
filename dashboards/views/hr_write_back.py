"""What went back to HR systems: completions, certificates and hours, each with its state."""

import pandas as pd
import streamlit as st

from dashboards import viewer
from dashboards.client import ApiProblem, Client


def table(api: Client) -> None:
    """Left out where this installation has no way back."""
    try:
        told = api.hr_write_back()
    except ApiProblem as problem:
        if problem.status == 404:
            return
        viewer.show_problem(problem)
        return
    with st.container(border=True, key="card_write_back"):
        st.header("Write-back")
        rows = told["items"]
        if not rows:
            st.info("Nothing was sent to an HR system yet.", icon=":material/info:")
            return
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Records sent to HR systems", placeholder="–")
