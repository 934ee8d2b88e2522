"""A RaaS report: `Report_Entry`, what is empty left out, prompts as query parameters, OAuth by a refresh token."""

from typing import Any

from tests.pipelines.hr.fakes import CHANGED, PEOPLE
from tests.pipelines.hr.vendor import Answer, Asked, Vendor

PATH = "/ccx/service/customreport2/acme/ISU_PRAXIS/Praxis_Workers"
OPTIONS = {
    "user": None,
    "password": None,
    "client_id": "praxis",
    "client_secret": {"env": "PRAXIS_WORKDAY_PASSWORD"},
    "refresh_token": {"env": "PRAXIS_WORKDAY_PASSWORD"},
}


def address(url: str) -> str:
    OPTIONS["token_url"] = f"{url}/ccx/oauth2/acme/token"
    return url + PATH


def vendor() -> Vendor:
    return Vendor(answer, is_token=lambda asked: asked.path.endswith("/token"))


def answer(self: Vendor, asked: Asked) -> Answer:
    if asked.path == "/ccx/oauth2/acme/token":
        assert asked.form() == {"grant_type": "refresh_token", "refresh_token": "open sesame"}
        assert asked.headers["authorization"].startswith("Basic ")
        return 200, {"access_token": f"token-{self.generation}", "token_type": "Bearer", "expires_in": 3600}
    if asked.headers.get("authorization") != self.bearer:
        return 401, {"error": "invalid_token"}
    assert (asked.path, asked.query["format"]) == (PATH, "json")
    entries = [_entry(*person) for person in PEOPLE]
    if "Updated_From" in asked.query:
        entries = [entry for entry in entries if entry["Employee_ID"] == CHANGED]
    if "Organization" in asked.query:
        entries = [entry for entry in entries if entry["Supervisory_Organization"] == asked.query["Organization"]]
    return 200, {"Report_Entry": entries}


def _entry(number: str, first: str, last: str, job: str, unit: str, manager: Any, start: str, end: Any) -> dict:
    told = {
        "Employee_ID": number,
        "Worker": f"{first} {last}",
        "Email_Work": f"{first.lower()}@workday.example",
        "Business_Title": job,
        "Supervisory_Organization_ID": unit.upper(),
        "Supervisory_Organization": unit,
        "Hire_Date": start,
        "Termination_Date": end,
        "Manager_Employee_ID": manager,
        "Locations": [{"Location": "Kiel"}],
    }
    return {name: value for name, value in told.items() if value is not None}
