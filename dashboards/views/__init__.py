"""The pages; each filters and draws what the API computed."""
