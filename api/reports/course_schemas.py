"""A creator's numbers over the wire."""

import uuid
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.reports.rules import FEWEST
from api.reports.schemas import ID, KPI, LAKE_FRESHNESS, MOMENT, Kpi, MartFreshness, Ref, example

By = Literal["unit", "country", "cohort", "version"]
Table = Literal["funnel", "retention", "items", "breakdown", "comments"]


class CourseHeadline(BaseModel):
    course: Ref
    category: str
    learner_count: int
    completed_count: int


class VersionOut(BaseModel):
    number: int
    title: str
    published_at: datetime
    is_current: bool
    learner_count: int


class Option(BaseModel):
    key: str = Field(description="What the query parameter takes.")
    name: str
    learner_count: int


class Options(BaseModel):
    unit: list[Option]
    country: list[Option]
    cohort: list[Option]


class Chosen(BaseModel):
    version: int | None
    unit: uuid.UUID | None
    country: str | None
    cohort: str | None


class FunnelStep(BaseModel):
    step: str = Field(description="Enrolled, Started, a module's title (those who finished it), Finished.")
    kind: str | None = Field(description="Kind of the module; null for the other steps.")
    module_id: uuid.UUID | None
    person_count: int
    share: float | None = Field(description="Of the enrolled.")
    lost: int | None = Field(
        description="Fewer than at the step before; below 0 where modules are done in another order."
    )
    lost_share: float | None = Field(description="Those, as a share of the step before.")


class Segment(BaseModel):
    segment_s: int = Field(description="Start of a stretch of 5 seconds.")
    viewer_share: float
    viewer_count: int
    play_count: int


class Mark(BaseModel):
    kind: Literal["re-watched", "drop-off"]
    segment_s: int
    viewer_share: float


class VideoRetention(BaseModel):
    module: Ref
    duration_s: int
    viewer_count: int
    segments: list[Segment]
    marks: list[Mark]


class ChoiceShare(BaseModel):
    choice_id: uuid.UUID
    label: str
    is_correct: bool
    share: float = Field(description="Of the first answers.")
    upper_share: float | None = Field(description="Of the third of learners with the highest scores in their attempt.")
    lower_share: float | None


class QuizItem(BaseModel):
    question_id: uuid.UUID
    item_id: uuid.UUID
    item_version: int = Field(description="An edited item is another one here; an unedited one goes on over versions.")
    is_shown: bool = Field(description="Whether the version asked for (else the current one) has it.")
    module_title: str
    position: int
    kind: str
    prompt: str
    answer_count: int = Field(description="First answers, one a learner: all that follows but `last` is of them.")
    correct_share: float | None = Field(description="Difficulty: 1 is easiest.")
    points_share: float | None = Field(description="Points earned of those to earn: differs by partial credit alone.")
    discrimination: float | None = Field(description="Correlation with the rest of the attempt, -1 to 1.")
    upper_correct_share: float | None
    lower_correct_share: float | None
    choices: list[ChoiceShare] = Field(description="Of single and multiple choice.")
    traced_count: int = Field(description="Answers of which the first choice is known.")
    first_correct_share: float | None = Field(description="Right at the first choice, before any change of mind.")
    changed_share: float | None
    wrong_to_right_share: float | None
    right_to_wrong_share: float | None
    last_correct_share: float | None = Field(description="Right in the learner's newest attempt.")
    median_s: float | None = Field(description="Seconds spent on the item.")
    p90_s: float | None
    flag: str = Field(description="'OK', or why a creator should look at it.")


class Bar(BaseModel):
    from_days: int
    to_days: int | None
    person_count: int


class CompletionTime(BaseModel):
    """Days from enrolling to completing."""

    count: int
    p25: float | None
    median: float | None
    p75: float | None
    p90: float | None
    histogram: list[Bar]


class GroupFigures(BaseModel):
    by: By
    key: str | None = Field(description="What the query parameter takes; null for smaller groups together.")
    name: str
    is_hidden: bool = Field(description="Too few people: the figures are null.")
    learner_count: int | None
    started_count: int | None
    completed_count: int | None
    completion_rate: float | None
    median_days: float | None


class Ratings(BaseModel):
    count: int
    average: float | None
    by_stars: list[int] = Field(description="How many gave 1, 2, 3, 4, 5.")


class Comment(BaseModel):
    stars: int
    comment: str
    version: int
    written_on: date


class CourseKpis(BaseModel):
    learners: Kpi
    completion_rate: Kpi
    median_watched_share: float | None
    first_try_pass_rate: float | None
    median_days_to_complete: float | None


class VersionFigures(BaseModel):
    """One of two versions side by side."""

    version: int
    is_hidden: bool
    learner_count: int | None
    completion_rate: float | None
    median_days_to_complete: float | None
    first_try_pass_rate: float | None
    funnel: list[FunnelStep]
    retention: list[VideoRetention]


class CourseDetail(BaseModel):
    course: Ref
    versions: list[VersionOut]
    options: Options
    chosen: Chosen
    hidden: str | None = Field(description="Why nothing is shown of this choice of learners; null where it is.")
    kpis: CourseKpis | None
    funnel: list[FunnelStep]
    retention: list[VideoRetention]
    quiz_items: list[QuizItem]
    completion_time: CompletionTime | None
    breakdown: list[GroupFigures]
    ratings: Ratings | None
    comments: list[Comment] = Field(description="The newest first, without names; none where people are narrowed down.")
    comparison: list[VersionFigures] = Field(description="With `compare`: the version asked for, and that one.")


class CourseAnalytics(BaseModel):
    model_config = example(
        {
            "freshness": LAKE_FRESHNESS,
            "privacy": f"Groups of fewer than {FEWEST} people are not shown.",
            "courses": [
                {"course": {"id": ID, "name": "Fire safety"}, "category": "Safety"}
                | {"learner_count": 1240, "completed_count": 880}
            ],
            "detail": None,
        }
    )

    freshness: MartFreshness
    privacy: str
    courses: list[CourseHeadline] = Field(description="The caller's own courses.")
    detail: CourseDetail | None = Field(description="Of the course that was asked for.")


def detail_example() -> dict[str, Any]:
    """A course of twelve learners without video and quiz."""
    step = {"kind": None, "module_id": None, "share": 1.0, "lost": None, "lost_share": None}
    return {
        "course": {"id": ID, "name": "Fire safety"},
        "versions": [
            {"number": 1, "title": "Fire safety", "published_at": MOMENT, "is_current": True, "learner_count": 12}
        ],
        "options": {"unit": [], "country": [{"key": "DE", "name": "DE", "learner_count": 12}], "cohort": []},
        "chosen": {"version": None, "unit": None, "country": None, "cohort": None},
        "hidden": None,
        "kpis": {
            "learners": KPI,
            "completion_rate": KPI,
            "median_watched_share": None,
            "first_try_pass_rate": None,
            "median_days_to_complete": None,
        },
        "funnel": [{"step": "Enrolled", "person_count": 12, **step}],
        "retention": [],
        "quiz_items": [],
        "completion_time": {"count": 0, "p25": None, "median": None, "p75": None, "p90": None, "histogram": []},
        "breakdown": [],
        "ratings": {"count": 0, "average": None, "by_stars": [0, 0, 0, 0, 0]},
        "comments": [],
        "comparison": [],
    }
