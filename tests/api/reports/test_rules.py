"""What a number means to a creator, as tables."""

import pytest

from api.reports.rules import marks, quiz_flag


@pytest.mark.parametrize(
    ("answers", "correct", "discrimination", "flag"),
    [
        (3, 0.5, 0.4, "Too few answers"),
        (100, 0.5, 0.4, "OK"),
        (100, 0.5, 0.05, "Review: weak learners do as well as strong ones"),
        (100, 0.98, None, "Review: nearly everybody is right"),
        (100, 0.2, 0.3, "Review: most are wrong"),
    ],
)
def test_an_item_is_flagged_with_its_reason(
    answers: int, correct: float, discrimination: float | None, flag: str
) -> None:
    assert quiz_flag(answers, correct, discrimination) == flag


def curve(shares: list[float], plays: list[int]) -> list[dict[str, float]]:
    return [
        {"segment_s": 5 * n, "viewer_share": share, "viewer_count": 100 * share, "play_count": play}
        for n, (share, play) in enumerate(zip(shares, plays, strict=True))
    ]


def test_the_steepest_fall_is_a_drop_off_and_the_most_repeated_stretch_is_re_watched() -> None:
    segments = curve([1, 1, 0.98, 0.7, 0.69, 0.68], [100, 260, 98, 70, 69, 68])
    assert marks(segments) == [("re-watched", 5, 1), ("drop-off", 15, 0.7)]


def test_an_even_curve_has_no_marks() -> None:
    assert marks(curve([1, 0.99, 0.98, 0.97], [100, 99, 98, 97])) == []
