"""A plan becomes rows and facts, in the order and shape in which the platform itself would have written them."""

import random
import uuid
from datetime import UTC, datetime, time, timedelta

from api.learning.history import History, id_at
from api.learning.rules import course_percent, course_score
from data.demo.catalogue import Module
from data.demo.directory import Directory, QuestionIds, current
from data.demo.learners import Learner
from data.demo.opinions import rating
from data.demo.plans import Plan
from data.demo.quizzes import attempts, first_thought
from data.demo.viewing import view

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Journey:
    """One enrollment while it is being lived; `write` adds it to the history."""

    def __init__(self, plan: Plan, directory: Directory, history: History, rng: random.Random) -> None:
        self.plan, self.history, self.rng = plan, history, rng
        self.person_id = directory.people[plan.learner.seat.number]
        self.until = datetime.combine(plan.last_day + timedelta(days=1), time(), UTC)
        self.percents: list[int] = []
        self.best: list[int] = []
        self.now = plan.learner.moment(plan.starts_on, rng)
        self.course, self.ids = current(plan.course, directory.courses[plan.course.key], self.now)

    def write(self) -> None:
        if self.now >= self.until:
            return
        enrolled_at = self.now
        self.id = id_at(enrolled_at, self.rng.getrandbits(74))
        self.about = (
            f'{{"enrollment_id": "{self.id}", "course_id": "{self.ids.id}", "version_id": "{self.ids.version_id}"'
        )
        self._fact("learning.enrolled", enrolled_at, "")
        self.last: datetime | None = None
        completed_at = self._follow()
        score = course_score(self.best) if completed_at else None
        percent = course_percent(self.percents, len(self.ids.modules))
        row = (self.id, self.person_id, self.ids.id, self.ids.version_id, enrolled_at, self.last, completed_at)
        self.history.enrollments.append((*row, percent, score))
        if completed_at:
            self._certify(completed_at, score)
        if self.last and (stars := rating(self.course, completed_at is not None, self.rng)):
            self._rate(self.last, *stars)

    def _follow(self) -> datetime | None:
        """Module after module, in one to three sittings; the moment of completion, or None where they stopped."""
        count = len(self.course.modules)
        goes = self.plan.stamina * count if self.plan.stamina < 1 else float(count)
        sittings = self._sittings(count)
        for index, module in enumerate(self.course.modules):
            share = min(1.0, goes - index)
            if share <= 0.05:
                return None
            if index in sittings:
                self.now = max(self.now, sittings[index])
            self.now += timedelta(seconds=self.rng.uniform(8, 90))
            if self.now >= self.until or not self._module(index, module, share):
                return None
        return self.last

    def _sittings(self, count: int) -> dict[int, datetime]:
        """From which module on a new sitting begins; the last one is on the day on which the plan ends."""
        days = (self.plan.ends_on - self.plan.starts_on).days
        if days <= 0:
            return {}
        learner: Learner = self.plan.learner
        cuts = sorted(self.rng.sample(range(1, count), min(count - 1, self.rng.choice((1, 1, 2)))))
        offsets = [*sorted(self.rng.randint(1, days) for _ in cuts[:-1]), days]
        return {
            cut: learner.moment(self.plan.starts_on + timedelta(days=offset), self.rng, no_later=True)
            for cut, offset in zip(cuts, offsets, strict=True)
        }

    def _module(self, index: int, module: Module, share: float) -> bool:
        """Whether it was finished."""
        module_id = self.ids.modules[index].id
        if module.kind == "quiz":
            return self._quiz(index, module, share)
        seen, seconds = view(module, share, self.rng)
        begun = self.now
        for kind, after, measures in seen:
            moment = begun + timedelta(seconds=after)
            if moment >= self.until:
                return False
            self._fact(f"engagement.{kind}", moment, f', "module_id": "{module_id}", {measures}')
        self.now = begun + timedelta(seconds=seconds + 1)
        if self.now >= self.until:
            return False
        percent = 100 if share >= 1 else max(1, min(95, int(share * 100)))
        position = round(60 * percent / 100, 1) if module.kind == "video" else None
        self._progress(module_id, percent, position)
        return percent == 100

    def _progress(self, module_id: str, percent: int, position_s: float | None) -> None:
        self.percents.append(percent)
        self.last = self.now
        is_done = percent == 100
        self.history.module_progress.append(
            (self.id, uuid.UUID(module_id), percent, position_s, self.now, self.now if is_done else None)
        )
        self._advanced(module_id, percent)

    def _advanced(self, module_id: str, percent: int) -> None:
        whole = course_percent(self.percents, len(self.ids.modules))
        kind = "learning.module_completed" if percent == 100 else "learning.module_progressed"
        self._fact(kind, self.now, f', "module_id": "{module_id}", "percent": {percent}, "course_percent": {whole}')

    def _quiz(self, index: int, module: Module, share: float) -> bool:
        ids = self.ids.modules[index]
        best, passed, tries = 0, False, 0
        told = attempts(module, self.plan.learner.ability, self.course.pass_percent, self.rng)
        for number, (score, is_passed, answers) in enumerate(told[: 1 if share < 1 else None], 1):
            after = module.duration_s * self.rng.lognormvariate(-0.2, 0.4) + (60 if number > 1 else 0)
            if self.now + timedelta(seconds=after) >= self.until:
                break
            self.now += timedelta(seconds=after)
            self._attempt(ids.id, number, score, is_passed, self._marked(index, answers, after))
            best, passed, tries = max(best, score), is_passed, number
            if number == 1 and not is_passed:
                self._advanced(ids.id, 0)
        if not tries:
            return False
        if passed:
            self.best.append(best)
            self._progress(ids.id, 100, None)
        else:
            self.last = self.now
            self.history.module_progress.append((self.id, uuid.UUID(ids.id), 0, None, self.now, None))
        return passed

    def _marked(self, index: int, answers: list[tuple[list[int], bool]], seconds: float) -> str:
        module = self.course.modules[index]
        minds = [first_thought(q, *told, self.rng) for q, told in zip(module.questions, answers, strict=True)]
        pauses = [self.rng.lognormvariate(0.3 * q.hardness, 0.45) for q in module.questions]
        items = (
            f'{{"question_id": "{ids.id}", "item_id": "{ids.item_id}", "item_version": {ids.item_version},'
            f' "choice_ids": {_ids(ids, marked)}, "is_correct": {_json(is_correct)},'
            f' "points_share": {int(is_correct)}, "first_choice_ids": {_ids(ids, first)},'
            f' "is_first_correct": {_json(is_first_correct)}, "duration_s": {seconds * pause / sum(pauses):.1f}}}'
            for ids, (marked, is_correct), (first, is_first_correct), pause in zip(
                self.ids.modules[index].questions, answers, minds, pauses, strict=True
            )
        )
        return f"[{', '.join(items)}]"

    def _attempt(self, module_id: str, number: int, score: int, is_passed: bool, answers: str) -> None:
        attempt_id = id_at(self.now, self.rng.getrandbits(74))
        self.history.quiz_attempts.append(
            (attempt_id, self.id, uuid.UUID(module_id), number, answers, score, is_passed, self.now)
        )
        self._fact(
            "learning.quiz_submitted",
            self.now,
            f', "module_id": "{module_id}", "attempt_id": "{attempt_id}", "number": {number}, "score_percent": {score},'
            f' "is_passed": {_json(is_passed)}, "answers": {answers}',
        )

    def _certify(self, moment: datetime, score: int | None) -> None:
        letters = "".join(self.rng.choices(ALPHABET, k=12))
        code = "-".join(["PRX", letters[:4], letters[4:8], letters[8:]])
        certificate_id = id_at(moment, self.rng.getrandbits(74))
        name, title = self.plan.learner.seat.name, self.course.title
        ids = (certificate_id, self.id, self.person_id, self.ids.id)
        self.history.certificates.append((*ids, code, name, title, self.course.summary, score, moment, None))
        shown = "null" if score is None else score
        self._fact("learning.course_completed", moment, f', "score_percent": {shown}')
        proof = f', "certificate_id": "{certificate_id}", "code": "{code}"'
        self._fact("learning.certificate_issued", moment, proof)

    def _rate(self, moment: datetime, stars: int, comment: str) -> None:
        """Some minutes after the last thing they did."""
        moment += timedelta(minutes=self.rng.uniform(0.5, 20))
        if moment >= self.until:
            return
        rating_id = id_at(moment, self.rng.getrandbits(74))
        ids = (rating_id, self.ids.id, self.person_id, self.ids.version_id)
        self.history.course_ratings.append((*ids, stars, comment, moment, moment))
        has_comment = _json(bool(comment))
        said = f', "rating_id": "{rating_id}", "stars": {stars}, "has_comment": {has_comment}'
        self._fact("learning.course_rated", moment, said)

    def _fact(self, kind: str, moment: datetime, measures: str) -> None:
        key = id_at(moment, self.rng.getrandbits(74))
        person = self.person_id
        self.history.events.append((key, kind, person, person, f"{self.about}{measures}}}", moment))


def _json(value: bool) -> str:
    return "true" if value else "false"


def _ids(question: QuestionIds, marked: list[int]) -> str:
    return "[" + ", ".join(f'"{choice}"' for choice in sorted(question.choices[i] for i in marked)) + "]"
