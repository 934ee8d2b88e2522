"""Streamlit pages for managers and creators: a client of the HTTP API, nothing more."""
