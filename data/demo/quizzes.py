"""Answers of a quiz: a two-parameter logistic model, guessing, and a favourite wrong answer in each item."""

import math
import random

from data.demo.catalogue import Module, Question

MOST_ATTEMPTS = 5
LEARNS = 1.1
"""What a failed attempt teaches, in standard deviations."""


def answer(question: Question, ability: float, rng: random.Random) -> tuple[list[int], bool]:
    """(indexes of the marked choices, whether exactly the right ones)."""
    right = [index for index, (_, is_correct) in enumerate(question.choices) if is_correct]
    wrong = [index for index, (_, is_correct) in enumerate(question.choices) if not is_correct]
    guess = 0.2 if question.kind == "single" else 0.05
    knows = 1 / (1 + math.exp(-question.discrimination * (ability - question.hardness)))
    if rng.random() < guess + (1 - guess) * knows:
        return right, True
    tempting = rng.choices(wrong, [1 / (1 + 1.4 * place) for place in range(len(wrong))])[0]
    if question.kind == "single":
        return [tempting], False
    kept = right[:-1] if rng.random() < 0.5 else right
    return sorted([*kept, tempting]), False


def attempts(
    module: Module, ability: float, pass_percent: int, rng: random.Random
) -> list[tuple[int, bool, list[tuple[list[int], bool]]]]:
    """(score, passed, answers) of each attempt, until one passes or patience ends."""
    told: list[tuple[int, bool, list[tuple[list[int], bool]]]] = []
    known: dict[int, tuple[list[int], bool]] = {}
    for number in range(MOST_ATTEMPTS):
        given = []
        for index, question in enumerate(module.questions):
            if number and index in known and rng.random() < 0.93:
                given.append(known[index])
                continue
            given.append(answer(question, ability + 0.4 + LEARNS * number, rng))
            if given[-1][1]:
                known[index] = given[-1]
        score = round(100 * sum(is_correct for _, is_correct in given) / len(given))
        told.append((score, score >= pass_percent, given))
        if told[-1][1] or rng.random() < 0.03:
            break
    return told


def first_thought(
    question: Question, marked: list[int], is_correct: bool, rng: random.Random
) -> tuple[list[int], bool]:
    """(what they marked before they handed in, whether it was right): who changes their mind is mostly right to."""
    if rng.random() > 0.13:
        return marked, is_correct
    right = [index for index, (_, is_right) in enumerate(question.choices) if is_right]
    wrong = [index for index, (_, is_right) in enumerate(question.choices) if not is_right]
    if not is_correct and rng.random() < 0.35:
        return right, True
    others = [index for index in wrong if index not in marked] or wrong
    return [rng.choice(others)], False
