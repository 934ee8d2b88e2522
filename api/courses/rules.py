"""What a course needs before it may be published: plain values in, sentences out."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    position: int
    kind: str
    title: str
    has_media: bool
    has_body: bool
    quiz_problems: list[str] = field(default_factory=list)


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
    return module.quiz_problems


def state_of(*, is_archived: bool, is_published: bool, is_current: bool, is_scheduled: bool) -> str:
    """Of the newest version of a course, for its authors."""
    if is_archived:
        return "archived"
    if is_published:
        return "published" if is_current else "unpublished"
    return "scheduled" if is_scheduled else "draft"
