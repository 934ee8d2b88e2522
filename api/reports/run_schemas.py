"""A report as a file, as its asker is told of it."""

import uuid
from datetime import UTC, datetime

from pydantic import BaseModel, Field

from api.core.settings import Settings
from api.reports.keeping import FILE_DAYS, LINK_S, link
from api.reports.models import ReportRun
from api.reports.questions import ReportQuestion
from api.reports.schemas import ID, MOMENT, Freshness, example


class Download(BaseModel):
    url: str = Field(description="Opens the file without a sign-in: don't pass it on.")
    expires_at: datetime = Field(description=f"{LINK_S // 60} minutes from now; ask again for another one.")
    file_name: str
    size_bytes: int


RUN = {
    "id": ID,
    "question": {"report": "compliance", "format": "xlsx", "status": "overdue"},
    "state": "running",
    "ordered_at": MOMENT,
    "started_at": MOMENT,
    "finished_at": None,
    "rows_total": 120000,
    "rows_done": 48000,
    "progress_percent": 40,
    "eta_s": 3,
    "evidence": None,
    "problem": None,
    "download": None,
}


class ReportOut(BaseModel):
    model_config = example(RUN)

    id: uuid.UUID
    question: ReportQuestion
    state: str = Field(
        json_schema_extra={"enum": ["waiting", "running", "done", "failed", "cancelled", "expired"]},
        description=f"expired: it was done more than {FILE_DAYS} days ago, and its file is gone.",
    )
    ordered_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    rows_total: int | None
    rows_done: int
    progress_percent: int
    eta_s: int | None = Field(description="Seconds until it is done, as far as can be told.")
    evidence: Freshness | None = Field(description="What the file carries: the same as an answer on screen.")
    problem: str | None = Field(description="Why it failed, and what to do.")
    download: Download | None


class ReportPage(BaseModel):
    model_config = example({"items": [RUN], "next": None})

    items: list[ReportOut]
    next: uuid.UUID | None = Field(description="`before` of the next page, or null at the end.")


def told(run: ReportRun, settings: Settings, *, now: datetime | None = None) -> ReportOut:
    is_done = run.state == "done"
    download = None
    if is_done:
        url, expires_at = link(settings, run.id)
        download = Download(
            url=url, expires_at=expires_at, file_name=run.file_name or "", size_bytes=run.size_bytes or 0
        )
    percent, eta_s = _progress(run, now or datetime.now(UTC))
    return ReportOut(
        id=run.id,
        question=ReportQuestion.model_validate(run.question),
        state=run.state,
        ordered_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        rows_total=run.rows_total,
        rows_done=run.rows_done,
        progress_percent=percent,
        eta_s=eta_s,
        evidence=Freshness.model_validate(run.evidence) if run.evidence else None,
        problem=run.problem,
        download=download,
    )


def _progress(run: ReportRun, now: datetime) -> tuple[int, int | None]:
    """Percent and seconds left: by rows, and by the time it is expected to take where rows are laid out all at once."""
    if run.state in ("done", "expired"):
        return 100, None
    by_rows = 100 * run.rows_done // run.rows_total if run.rows_total else 0
    if run.state != "running" or not run.started_at or not run.expected_s:
        return min(by_rows, 99), None
    elapsed = (now - run.started_at).total_seconds()
    by_time = int(100 * elapsed / run.expected_s)
    is_paged = run.question.get("format") == "pdf"  # its rows are read long before its pages are laid out
    return max(0, min(by_time if is_paged else by_rows, 99)), max(1, round(run.expected_s - elapsed))
