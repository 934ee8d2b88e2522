"""Quiz items and a quiz's settings over the wire, as authors write them: with the right answers.

A draft is saved while it is being written, so prompts, labels and answers may still be missing here;
`quiz_problems` says what is missing before it is published.
"""

import uuid
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

QuestionKind = Literal["single", "multiple", "ordering", "matching", "numeric", "short_text", "cloze"]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]
Accepted = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=40, pattern=r"^[^\x00]*$")
]
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
MOST_GAPS = 20
MOST_DRAWN = 100
ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"


class ImageIn(BaseModel):
    media_id: uuid.UUID
    alt: Label = Field(default="", description="What it shows, for those who don't see it.")


class ChoiceIn(BaseModel):
    id: uuid.UUID | None = Field(default=None, description="Chosen by the caller, so that saving again keeps it.")
    label: Label = ""
    is_correct: bool = Field(default=False, description="Of single and multiple choice.")
    feedback: Label = Field(default="", description="For those who chose it.")
    match: Label = Field(default="", description="The partner of `label` in a matching item.")


class GapIn(BaseModel):
    accepted: list[Accepted] = Field(default_factory=list, max_length=20)


class SpecIn(BaseModel):
    """The right answer of kinds without choices; only what the kind needs is kept."""

    model_config = ConfigDict(extra="forbid")

    value: Number | None = Field(default=None, description="numeric: the right number.")
    tolerance: Annotated[Number, Field(ge=0)] = Field(default=0, description="numeric: how far off is still right.")
    accepted: list[Accepted] = Field(default_factory=list, max_length=20, description="short_text: any of these.")
    case_sensitive: bool = Field(default=False, description="short_text: whether A and a differ.")
    gaps: list[GapIn] = Field(
        default_factory=list, max_length=MOST_GAPS, description="cloze: of {{1}}, {{2}} … in the prompt, in order."
    )


SPEC_FIELDS: dict[str, set[str]] = {
    "numeric": {"value", "tolerance"},
    "short_text": {"accepted", "case_sensitive"},
    "cloze": {"gaps"},
}


class QuestionIn(BaseModel):
    """`choices` are in the right order for an ordering item."""

    id: uuid.UUID | None = Field(default=None, description="Chosen by the caller, so that saving again keeps it.")
    item_id: uuid.UUID | None = Field(
        default=None, description="The item across versions and quizzes; one that isn't yours gives a new item."
    )
    kind: QuestionKind = "single"
    prompt: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""
    points: int = Field(default=1, ge=1, le=100)
    feedback: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""
    image: ImageIn | None = None
    choices: list[ChoiceIn] = Field(default_factory=list, max_length=12)
    spec: SpecIn = Field(default_factory=SpecIn)

    @model_validator(mode="after")
    def _choices_have_ids_of_their_own(self) -> Self:
        ids = [choice.id for choice in self.choices if choice.id]
        if len(ids) != len(set(ids)):
            raise ValueError("two choices have the same id: give each its own")
        return self


class DrawIn(BaseModel):
    """`count` items of a bank, other ones for each attempt."""

    bank_id: uuid.UUID
    tags: list[Tag] = Field(default_factory=list, max_length=20, description="Items with all of these; none: any.")
    count: int = Field(ge=1, le=100)


ShowFeedback = Literal["never", "after_attempt", "after_pass"]


class QuizSettings(BaseModel):
    """`module.settings` of a quiz; `{}` is a quiz as ever: no limit, all or nothing, the course's pass mark."""

    model_config = ConfigDict(extra="forbid")

    attempts: int | None = Field(default=None, ge=1, le=100, description="How many; null for as many as wanted.")
    time_limit_s: int | None = Field(default=None, ge=10, le=86_400)
    shuffle: bool = Field(default=False, description="Questions and choices in another order for each attempt.")
    partial_credit: bool = Field(default=False, description="A share of the points for an answer partly right.")
    show_feedback: ShowFeedback = "after_attempt"
    pass_percent: int | None = Field(default=None, ge=0, le=100, description="null: the course's.")
    draws: list[DrawIn] = Field(default_factory=list, max_length=20, description="At most 100 items altogether.")

    @model_validator(mode="after")
    def _asks_not_too_much(self) -> Self:
        if sum(draw.count for draw in self.draws) > MOST_DRAWN:
            raise ValueError(f"a quiz draws at most {MOST_DRAWN} items: lower the counts")
        return self

    @property
    def needs_sitting(self) -> bool:
        """Whether an attempt has to be begun first: what is asked, or until when, is decided then."""
        return bool(self.draws) or self.time_limit_s is not None
