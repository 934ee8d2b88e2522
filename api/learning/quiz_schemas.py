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
from typing import Annotated, Any

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
    answers: list[AnswerIn] = Field(max_length=200)
