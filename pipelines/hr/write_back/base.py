"""What every way back gives: an answer to each record, or why not now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field

from api.compliance.service import Answer, Due
from pipelines.hr.connectors.base import Unreachable


class WriteOptions(BaseModel):
    """What `write_back:` in a mapping may say; each kind adds its own."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: str
    take: list[str] = Field(default=["completion", "certificate", "revocation"], description="Kinds of records.")
    since: date = Field(description="What was completed or issued before goes nowhere.")


@dataclass(frozen=True, slots=True)
class Revoked:
    """`code` of the certificate to what the HR system calls the completion that earned it."""

    references: dict[str, str]


class Sink(Protocol):
    Options: ClassVar[type[WriteOptions]]
    most: ClassVar[int]
    """Records in one go."""

    def __init__(self, place: Any, options: Any) -> None: ...

    def send(self, records: Sequence[Due], earlier: Revoked) -> list[Answer]:
        """One answer a record; raises Unreachable for all of them."""

    def answers(self) -> list[Answer]:
        """What was said later to earlier ones."""


def one_by_one(records: Sequence[Due], send: Callable[[Due], Answer]) -> list[Answer]:
    """What was answered before the system fell silent stays answered; the rest waits."""
    answers: list[Answer] = []
    for number, record in enumerate(records):
        try:
            answers.append(send(record))
        except Unreachable as problem:
            return [*answers, *(Answer(one.key, "waiting", str(problem)) for one in records[number:])]
    return answers
