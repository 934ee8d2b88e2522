"""Scoring as tables, and what holds for any quiz and any answers."""

import random
import uuid
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.learning.scoring import Answer, Item, Response, parse_number, response_fault, score_attempt, share

A, B, C, D = (uuid.UUID(int=number) for number in range(1, 5))
QUESTION = uuid.UUID(int=99)


def item(kind: str, **more: object) -> Item:
    return Item(QUESTION, kind, (A, B, C, D), **more)  # type: ignore[arg-type]


SINGLE = item("single", correct=frozenset({B}))
MULTIPLE = item("multiple", correct=frozenset({A, B}))
ORDERING = item("ordering")
MATCHING = item("matching", matches={A: "one", B: "two", C: "two", D: "four"})
NUMERIC = Item(QUESTION, "numeric", value=Decimal("0.3"), tolerance=Decimal("0.05"))
SHORT = Item(QUESTION, "short_text", gaps=(("Straße", "Weg"),))
STRICT = Item(QUESTION, "short_text", gaps=(("NaCl",),), is_case_sensitive=True)
CLOZE = Item(QUESTION, "cloze", gaps=(("red",), ("green", "lime"), ("blue",), ("white",)))


def marked(*choices: uuid.UUID) -> Response:
    return Response(choice_ids=frozenset(choices))


@pytest.mark.parametrize(
    ("asked", "answered", "partial"),
    [
        (SINGLE, marked(B), "1"),
        (SINGLE, marked(A), "0"),
        (SINGLE, marked(), "0"),
        (MULTIPLE, marked(A, B), "1"),
        (MULTIPLE, marked(A), "1/2"),
        (MULTIPLE, marked(A, C), "0"),
        (MULTIPLE, marked(A, B, C), "1/2"),
        (MULTIPLE, marked(C, D), "0"),
        (MULTIPLE, marked(A, B, C, D), "0"),
        (ORDERING, Response(order=(A, B, C, D)), "1"),
        (ORDERING, Response(order=(D, A, B, C)), "2/3"),
        (ORDERING, Response(order=(B, A, C, D)), "1/3"),
        (ORDERING, Response(order=(D, C, B, A)), "0"),
        (ORDERING, Response(order=(A, B)), "1/3"),
        (MATCHING, Response(pairs=((D, "four"), (A, "one"), (C, "two"), (B, "two"))), "1"),
        (MATCHING, Response(pairs=((A, "one"), (B, "four"))), "1/4"),
        (MATCHING, Response(), "0"),
        (NUMERIC, Response(number="0.3"), "1"),
        (NUMERIC, Response(number=" 0,35 "), "1"),
        (NUMERIC, Response(number="0.25"), "1"),
        (NUMERIC, Response(number="0.3500001"), "0"),
        (NUMERIC, Response(number="-0.3"), "0"),
        (NUMERIC, Response(number=""), "0"),
        (SHORT, Response(text="  STRASSE "), "1"),
        (SHORT, Response(text="ｗｅｇ"), "1"),
        (SHORT, Response(text="Wege"), "0"),
        (STRICT, Response(text="NaCl"), "1"),
        (STRICT, Response(text="nacl"), "0"),
        (CLOZE, Response(gaps=("RED", "lime", " blue", "white")), "1"),
        (CLOZE, Response(gaps=("green", "green")), "1/4"),
        (CLOZE, Response(), "0"),
    ],
)
def test_an_answer_earns_its_share_and_without_partial_credit_all_or_nothing(
    asked: Item, answered: Response, partial: str
) -> None:
    assert response_fault(asked, answered) is None
    assert share(asked, answered, has_partial_credit=True) == Fraction(partial)
    assert share(asked, answered) == (1 if partial == "1" else 0)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", "12"),
        ("12,5", "12.5"),
        ("+1.5", "1.5"),
        ("−3", "-3"),
        ("１２", "12"),
        (" 7 ", "7"),
        ("1000000000000000", "1000000000000000"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    assert parse_number(typed) == Decimal(number)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12 km",
        "1.234,5",
        "1,234.5",
        "1 000",
        "1e5",
        "NaN",
        "inf",
        "0x10",
        "--1",
        "1.",
        ".5.",
        "9" * 30,
        "½x",
        "1_0",
    ],
)
def test_what_is_no_plain_number_is_none(typed: str) -> None:
    assert parse_number(typed) is None


@pytest.mark.parametrize(
    ("asked", "answered", "fault"),
    [
        (SINGLE, marked(A, B), "one choice"),
        (SINGLE, marked(QUESTION), "no choice"),
        (SINGLE, Response(text="b"), "takes choice_ids, not text"),
        (ORDERING, Response(order=(A, A)), "twice"),
        (MATCHING, Response(pairs=((A, "one"), (A, "two"))), "twice"),
        (NUMERIC, Response(number="12 km"), "no unit"),
        (CLOZE, Response(gaps=("",) * 5), "fewer gaps"),
    ],
)
def test_what_can_not_be_an_answer_is_told(asked: Item, answered: Response, fault: str) -> None:
    assert fault in str(response_fault(asked, answered))


words = st.sampled_from(["red", "RED", "blue", " lime", "", "x"])
choices = st.sampled_from([A, B, C, D])


def answered(number: int) -> st.SearchStrategy[tuple[Item, Response]]:
    """An item of any kind as the question of this number, with any answer that it takes."""
    strategies = [
        (SINGLE, st.builds(marked, choices)),
        (MULTIPLE, st.lists(choices).map(lambda some: marked(*some))),
        (ORDERING, st.lists(choices, unique=True).map(lambda some: Response(order=tuple(some)))),
        (
            MATCHING,
            st.dictionaries(choices, st.sampled_from(["one", "two", "four"])).map(
                lambda some: Response(pairs=tuple(some.items()))
            ),
        ),
        (NUMERIC, st.decimals(-1, 1, places=2).map(lambda typed: Response(number=f"{typed:f}"))),
        (SHORT, words.map(lambda word: Response(text=word))),
        (CLOZE, st.lists(words, max_size=4).map(lambda some: Response(gaps=tuple(some)))),
    ]
    one_of = [st.tuples(st.just(asked), response, st.integers(1, 100)) for asked, response in strategies]
    return st.one_of(one_of).map(lambda told: (numbered(told[0], number, told[2]), told[1]))


def numbered(asked: Item, number: int, points: int) -> Item:
    fields = {name: getattr(asked, name) for name in asked.__dataclass_fields__}
    return Item(**fields | {"question_id": uuid.UUID(int=1000 + number), "points": points})


quizzes = st.integers(0, 8).flatmap(lambda count: st.tuples(*(answered(number) for number in range(count))))


@settings(max_examples=60, deadline=None)
@given(quiz=quizzes, pass_percent=st.integers(0, 100), partial=st.booleans(), seed=st.integers())
def test_any_score_is_fair(
    quiz: tuple[tuple[Item, Response], ...], pass_percent: int, partial: bool, seed: int
) -> None:
    """Between 0 and 100, 100 for all right only, passed by the mark, and the order of answers doesn't matter."""
    items = [asked for asked, _ in quiz]
    told = {asked.question_id: Answer(response) for asked, response in quiz}
    scored = score_attempt(items, told, pass_percent, has_partial_credit=partial)
    assert 0 <= scored.score_percent <= 100
    assert (scored.score_percent == 100) == all(answer["is_correct"] for answer in scored.answers)
    assert scored.is_passed == (scored.score_percent >= pass_percent)
    mixed = random.Random(seed).sample(items, len(items))
    again = score_attempt(mixed, told, pass_percent, has_partial_credit=partial)
    assert (again.score_percent, again.is_passed) == (scored.score_percent, scored.is_passed)
    if not partial:
        lenient = score_attempt(items, told, pass_percent, has_partial_credit=True)
        assert lenient.score_percent >= scored.score_percent


def test_points_weigh_and_what_is_nearly_all_is_not_a_hundred() -> None:
    heavy, light = numbered(SINGLE, 1, 3), numbered(SINGLE, 2, 1)
    told = {heavy.question_id: Answer(marked(B)), light.question_id: Answer(marked(A))}
    assert score_attempt([heavy, light], told, 75).score_percent == 75
    many = [numbered(SINGLE, number, 100) for number in range(3)] + [numbered(SINGLE, 3, 1)]
    right = {asked.question_id: Answer(marked(B)) for asked in many[:3]}
    assert score_attempt(many, right, 100).score_percent == 99


def test_the_fact_keeps_the_first_answer_apart_from_the_last() -> None:
    told = {QUESTION: Answer(marked(B), marked(A), 12.5)}
    (answer,) = score_attempt([SINGLE], told, 50).answers
    assert (answer["choice_ids"], answer["first_choice_ids"]) == ([str(B)], [str(A)])
    assert (answer["is_correct"], answer["is_first_correct"], answer["duration_s"]) == (True, False, 12.5)
