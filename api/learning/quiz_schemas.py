"""Quizzes over the wire, as learners meet them.

The event `learning.quiz_submitted` has one entry a question in `answers`, in the order asked (AnswerFact, for whoever
reads the lake): question_id, choice_ids (single, multiple; else empty), is_correct (all of it), item_id and
item_version (the item across versions of the course), points, points_share (0 to 1, of `points`), response (null for
choices, else `{"order": [id]}`, `{"pairs": [{"choice_id", "match"}]}`, `{"number": text}`, `{"text": text}` or
`{"gaps": [text]}`), and of the first answer before it was changed, null where the page didn't tell it:
first_choice_ids, first_response, is_first_correct; duration_s (seconds spent on the question, or null).
"""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
MOMENT = "2026-11-23T12:00:00Z"
Said = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class PairIn(BaseModel):
    choice_id: uuid.UUID
    match: Said


class ResponseIn(BaseModel):
    """Only what the question's kind takes: an answer of another kind is refused."""

    choice_ids: list[uuid.UUID] = Field(default_factory=list, max_length=50, description="single, multiple")
    order: list[uuid.UUID] = Field(default_factory=list, max_length=50, description="ordering: choices, first to last")
    pairs: list[PairIn] = Field(default_factory=list, max_length=50, description="matching: a choice and its partner")
    number: Annotated[str, StringConstraints(max_length=50, pattern=r"^[^\x00]*$")] | None = Field(
        default=None, description="numeric, as typed: 12.5 or 12,5"
    )
    text: Said | None = Field(default=None, description="short_text")
    gaps: list[Said] = Field(default_factory=list, max_length=50, description="cloze: in order; empty for none")


class AnswerIn(ResponseIn):
    question_id: uuid.UUID
    first_choice_ids: list[uuid.UUID] | None = Field(
        default=None, max_length=50, description="What was marked first; for the statistics of the question."
    )
    first_response: ResponseIn | None = Field(default=None, description="The same, for kinds without choices.")
    duration_s: float | None = Field(default=None, ge=0, le=86_400, allow_inf_nan=False)


class AttemptIn(BaseModel):
    id: uuid.UUID = Field(description="Chosen by the caller, or of the sitting: sent again it is the same attempt.")
    answers: list[AnswerIn] = Field(
        max_length=200, description="Of an attempt that was begun, those that were not saved by PUT /quiz-answers."
    )


class SavedAnswerIn(AnswerIn):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **{"course_id": ID, "module_id": ID, "attempt_id": ID, "question_id": ID},
                **{"revision": 3, "choice_ids": [ID]},
            }
        }
    )

    course_id: uuid.UUID
    module_id: uuid.UUID
    attempt_id: uuid.UUID = Field(description="Of the open attempt: POST /quiz-attempts.")
    revision: int = Field(
        gt=0, lt=2**53, description="Counted up by the page with each answer to this question; the highest is kept."
    )


class SavedAnswerOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **{"attempt_id": ID, "question_id": ID, "revision": 3, "saved_at": MOMENT},
                **{"due_at": None, "remaining_s": None},
            }
        }
    )

    attempt_id: uuid.UUID
    question_id: uuid.UUID
    revision: int = Field(description="Of the answer that is kept; above what was sent where a later one came first.")
    saved_at: datetime
    due_at: datetime | None
    remaining_s: int | None


class AnswerFeedbackOut(BaseModel):
    question_id: uuid.UUID
    is_correct: bool
    points: int
    points_share: float = Field(description="0 to 1, of `points`.")
    feedback: str = Field(description="To everybody who was asked.")
    choices: list["ChoiceFeedbackOut"] = Field(description="To those who chose it.")
    solution: dict[str, Any] | None = Field(
        description="The right answer, as a ResponseIn (with `accepted` for texts and `tolerance` for numbers);"
        " null while the quiz can be tried again and is not passed."
    )


class ChoiceFeedbackOut(BaseModel):
    id: uuid.UUID
    feedback: str


class AttemptOut(BaseModel):
    number: int
    score_percent: int
    is_passed: bool
    attempts_left: int | None = Field(default=None, description="null: as many as wanted.")
    feedback: list[AnswerFeedbackOut] | None = Field(default=None, description="As the quiz's show_feedback allows.")
    ended_by: Literal["learner", "time"] = Field(
        default="learner", description="time: the server scored what was saved until the time was up."
    )


class ImageOut(BaseModel):
    url: str = Field(description="Signed and expiring.")
    alt: str
    content_type: str


class ChoiceOut(BaseModel):
    id: uuid.UUID
    label: str


class QuestionOut(BaseModel):
    """What is asked, never what is right: choices of an ordering item and partners of a matching one are mixed."""

    id: uuid.UUID
    kind: str
    prompt: str = Field(description="A cloze has its gaps as {{1}}, {{2}} …")
    points: int
    image: ImageOut | None
    choices: list[ChoiceOut]
    matches: list[str] = Field(description="The partners of a matching item, each once.")
    gap_count: int


class QuizOut(BaseModel):
    """What a quiz asks of a learner before they begin."""

    needs_sitting: bool = Field(description="Whether POST /quiz-attempts gives the questions; then none are here.")
    question_count: int
    attempts: int | None
    attempts_left: int | None = Field(description="null: as many as wanted.")
    time_limit_s: int | None
    pass_percent: int
    show_feedback: str


QUESTION: dict[str, Any] = {
    "id": ID,
    "kind": "single",
    "prompt": "The ladder wobbles. What now?",
    "points": 1,
    "image": None,
    "choices": [{"id": ID, "label": "Do not climb"}],
    "matches": [],
    "gap_count": 0,
}


class SittingIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"course_id": ID, "module_id": ID, "id": ID}})

    course_id: uuid.UUID
    module_id: uuid.UUID
    id: uuid.UUID = Field(description="Chosen by the caller: sent again it is the same attempt.")


class SittingOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": ID,
                "module_id": ID,
                "number": 1,
                "attempts_left": 2,
                "started_at": MOMENT,
                "due_at": "2026-11-23T12:10:00Z",
                "remaining_s": 600,
                "questions": [QUESTION],
            }
        }
    )

    id: uuid.UUID = Field(description="Send the answers under this id; of an open attempt, another than you chose.")
    module_id: uuid.UUID
    number: int
    attempts_left: int | None = Field(description="After this one; null: as many as wanted.")
    started_at: datetime
    due_at: datetime | None = Field(description="Answers are taken until then, and a little later.")
    remaining_s: int | None = Field(description="Until due_at by the server's clock.")
    extra_percent: int = Field(default=0, description="Of the time limit, for this person; part of due_at.")
    questions: list[QuestionOut] = Field(description="In the order to show; the same whenever it is asked again.")


class KeptAnswerOut(ResponseIn):
    """A question with what was answered so far, as it was sent."""

    question_id: uuid.UUID
    revision: int
    first_choice_ids: list[uuid.UUID] | None = None
    first_response: ResponseIn | None = None
    duration_s: float | None = None


class OpenSittingOut(SittingOut):
    answers: list[KeptAnswerOut]


class PastAttemptOut(AttemptOut):
    id: uuid.UUID
    submitted_at: datetime


class ReviewedAnswerOut(ResponseIn):
    question_id: uuid.UUID


class ReviewOut(BaseModel):
    questions: list[QuestionOut]
    answers: list[ReviewedAnswerOut]


class StandingOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "quiz": {
                    **{"needs_sitting": True, "question_count": 10, "attempts": 3, "attempts_left": 2},
                    **{"time_limit_s": 600, "pass_percent": 80, "show_feedback": "after_attempt"},
                },
                "extra_time_percent": 50,
                "time_s": 900,
                "sitting": None,
                "attempts": [],
                "review": None,
            }
        }
    )

    quiz: QuizOut
    extra_time_percent: int = Field(description="Of the time limit, on top, for this person.")
    time_s: int | None = Field(description="That the next attempt has; null: no limit.")
    sitting: OpenSittingOut | None = Field(description="The attempt that is open, with what was answered so far.")
    attempts: list[PastAttemptOut] = Field(description="Submitted ones, the newest first; 50 at most.")
    review: ReviewOut | None = Field(description="Of the newest attempt, where its feedback may be seen.")


class PreviewIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"module_id": ID, "seed": "1", "answers": []}})

    module_id: uuid.UUID
    seed: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = Field(
        default="1", description="Another one draws and shuffles otherwise; send the same one with the answers."
    )
    answers: list[AnswerIn] | None = Field(default=None, max_length=200, description="To have them scored.")


class PreviewOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"questions": [QUESTION], "attempt": None}})

    questions: list[QuestionOut]
    attempt: AttemptOut | None = Field(description="As a learner would be told it; nothing is stored.")
