"""The HTTP API as the viewer sees it, with the viewer's own token."""

import os
import ssl
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx

TIMEOUT_S = 20


class ApiProblem(Exception):
    """The API said no; `detail` is its own sentence on what to do."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail


class ApiAway(ApiProblem):
    """The API can't be reached."""

    def __init__(self) -> None:
        super().__init__(503, "Praxis is not answering", "The API can't be reached. Try again in a moment.")


def api_url() -> str:
    """Where we ourselves reach the API, from the environment that the stack gives; asked at each call."""
    return os.environ.get("PRAXIS_API_URL", _local_url("api", 8000)).rstrip("/")


def public_url(part: str, port: int) -> str:
    """Where a browser reaches a part of ours."""
    return os.environ.get(f"PRAXIS_PUBLIC_{part.upper()}_URL", _local_url(part, port)).rstrip("/")


def _local_url(part: str, port: int) -> str:
    host = os.environ.get("PRAXIS_HOST", "127.0.0.1")
    reachable = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 (compared, not bound)
    bracketed = f"[{reachable}]" if ":" in reachable else reachable
    return f"http://{bracketed}:{os.environ.get(f'PRAXIS_{part.upper()}_PORT', port)}"


@cache
def http_options() -> dict[str, Any]:
    """The certificates are read once (25 ms); the API is our own, so a proxy of this machine is not in between."""
    tls: ssl.SSLContext = httpx.create_ssl_context()
    return {"timeout": TIMEOUT_S, "verify": tls, "trust_env": False}


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    raise ApiProblem(
        response.status_code,
        problem.get("title", "Something went wrong"),
        problem.get("detail", f"The API answered {response.status_code}."),
    )


class Client:
    """One viewer, whose `token` is asked for at each request; parameters that are None are left out."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def _get(self, path: str, parameters: dict[str, Any] | None = None) -> httpx.Response:
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            return _checked(httpx.get(api_url() + path, params=given, headers=headers, **http_options()))
        except httpx.TransportError as error:
            raise ApiAway from error

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        self._sent(method, path, body)

    def _sent(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            return _checked(httpx.request(method, api_url() + path, json=body, headers=headers, **http_options()))
        except httpx.TransportError as error:
            raise ApiAway from error

    def role_grants(self) -> list[dict[str, Any]]:
        return list(self._get("/role-grants").json()["items"])

    def org_units(self) -> list[dict[str, Any]]:
        return list(self._get("/org-units").json()["items"])

    def grant_role(self, **grant: Any) -> None:
        self._send("POST", "/role-grants", grant)

    def withdraw_role(self, grant_id: str) -> None:
        self._send("DELETE", f"/role-grants/{grant_id}")

    def dotted_lines(self) -> list[dict[str, Any]]:
        return list(self._get("/dotted-lines").json()["items"])

    def draw_line(self, **line: Any) -> None:
        self._send("POST", "/dotted-lines", line)

    def end_line(self, line_id: str) -> None:
        self._send("DELETE", f"/dotted-lines/{line_id}")

    def me(self) -> dict[str, Any]:
        return dict(self._get("/me").json())

    def compliance(self, **filters: Any) -> dict[str, Any]:
        """The figures, and as many items as a person reads, the latest first."""
        return dict(self._get("/compliance-report", {"limit": 500, **filters}).json())

    def compliance_csv(self, **filters: Any) -> bytes:
        return self._get("/compliance-report", {**filters, "format": "csv"}).content

    def remind(self, items: list[dict[str, str]]) -> dict[str, Any]:
        """How many were sent, were reminded today already, or need none."""
        return dict(self._sent("POST", "/reminders", {"items": items}).json())

    def order_report(self, question: dict[str, Any]) -> dict[str, Any]:
        """A report as a file, which a job makes from now on."""
        return dict(self._sent("POST", "/generate-report", question).json())

    def reports(self, limit: int = 10) -> list[dict[str, Any]]:
        """What the viewer ordered, the newest first, with links that open the files."""
        return list(self._get("/reports", {"limit": limit}).json()["items"])

    def cancel_report(self, report_id: str) -> None:
        self._sent("POST", f"/reports/{report_id}/cancel")

    def schedules(self) -> list[dict[str, Any]]:
        """By name, each with its next and its newest due time."""
        return list(self._get("/report-schedules").json()["items"])

    def make_schedule(self, wanted: dict[str, Any]) -> None:
        self._send("POST", "/report-schedules", wanted)

    def change_schedule(self, schedule_id: str, wanted: dict[str, Any]) -> None:
        self._send("PUT", f"/report-schedules/{schedule_id}", wanted)

    def pause_schedule(self, schedule_id: str, *, is_paused: bool) -> None:
        self._send("PUT", f"/report-schedules/{schedule_id}/pause", {"is_paused": is_paused})

    def delete_schedule(self, schedule_id: str) -> None:
        self._send("DELETE", f"/report-schedules/{schedule_id}")

    def report_targets(self) -> list[dict[str, Any]]:
        """Where the viewer may have files sent, besides mail."""
        return list(self._get("/report-targets").json()["items"])

    def progress(self, **filters: Any) -> dict[str, Any]:
        """People by name, and what they are enrolled in."""
        return dict(self._get("/team-progress", filters).json())

    def audit_log(self, **filters: Any) -> dict[str, Any]:
        """A page of entries, the newest first."""
        return dict(self._get("/audit-log", filters).json())

    def audit_export(self, kind: str, **filters: Any) -> bytes:
        """All that matches, as `csv` or `jsonl`; the export is itself in the log, so ask only when it is wanted."""
        return self._get("/audit-log", {**filters, "format": kind}).content

    def hr_sources(self) -> list[dict[str, Any]]:
        return list(self._get("/hr/sources").json()["items"])

    def hr_imports(self, **filters: Any) -> list[dict[str, Any]]:
        """The newest first."""
        return list(self._get("/hr/imports", filters).json()["items"])

    def hr_import(self, import_id: str, **filters: Any) -> dict[str, Any]:
        """One delivery with a page of what it would do, row by row."""
        return dict(self._get(f"/hr/imports/{import_id}", filters).json())

    def approve_hr_import(self, import_id: str, diff_checksum: str) -> None:
        self._send("POST", f"/hr/imports/{import_id}/approve", {"diff_checksum": diff_checksum})

    def reject_hr_import(self, import_id: str, note: str | None) -> None:
        self._send("POST", f"/hr/imports/{import_id}/reject", {"note": note})

    def hr_quarantine(self, **filters: Any) -> list[dict[str, Any]]:
        return list(self._get("/hr/quarantine", filters).json()["items"])

    def hr_write_back(self, **filters: Any) -> dict[str, Any]:
        """A page of records, the newest first, and how many there are by source and state."""
        return dict(self._get("/hr/write-back", filters).json())

    def retry_hr_record(self, record_id: str) -> None:
        self._send("POST", f"/hr/write-back/{record_id}/retry")

    def course_analytics(self, course_id: str | None = None, **filters: Any) -> dict[str, Any]:
        return dict(self._get("/course-analytics", {"course_id": course_id, **filters}).json())

    def course_table(self, course_id: str, table: str, **filters: Any) -> bytes:
        """A table of the course's page as CSV; the export is audited, so ask only when it is wanted."""
        return self._get("/course-analytics-export", {"course_id": course_id, "table": table, **filters}).content
