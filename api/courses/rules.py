"""What a course needs before it may be published: plain values in, sentences out."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    kind: str
    choice_count: int
    correct_count: int


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    position: int
    kind: str
    title: str
    has_media: bool
    has_body: bool
    questions: list[QuestionFacts] = field(default_factory=list)


def missing_for_publishing(modules: list[ModuleFacts]) -> list[str]:
    """Sentences that each name a module and what to do; empty means ready."""
    if not modules:
        return ["The course has no module yet: add one."]
    return [sentence for module in modules for sentence in _missing(module)]


def _missing(module: ModuleFacts) -> list[str]:
    name = f"Module {module.position} ({module.title})"
    if module.kind in ("video", "document") and not module.has_media:
        return [f"{name} has no file: upload one."]
    if module.kind == "text" and not module.has_body:
        return [f"{name} has no text: write it."]
    if module.kind != "quiz":
        return []
    if not module.questions:
        return [f"{name} has no question: add one."]
    return [
        f"{name}, question {number}: {fault}."
        for number, question in enumerate(module.questions, 1)
        if (fault := _question_fault(question))
    ]


def _question_fault(question: QuestionFacts) -> str | None:
    if question.choice_count < 2:
        return "give at least two choices"
    if question.correct_count == 0:
        return "mark the right choice"
    if question.kind == "single" and question.correct_count > 1:
        return "only one choice may be right, or make it a multiple choice"
    return None


def state_of(*, is_archived: bool, is_published: bool, is_current: bool, is_scheduled: bool) -> str:
    """Of the newest version of a course, for its authors."""
    if is_archived:
        return "archived"
    if is_published:
        return "published" if is_current else "unpublished"
    return "scheduled" if is_scheduled else "draft"
