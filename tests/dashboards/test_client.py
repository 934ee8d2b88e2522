"""What the dashboards make of the API's answers, over real HTTP."""

import pytest

from dashboards.client import ApiAway, ApiProblem, Client, api_url
from tests.dashboards.conftest import Answers
from tests.processes import free_port


def test_the_viewers_own_token_and_only_given_filters_are_sent(answers: Answers) -> None:
    answers.give("/compliance-report", {"items": []})
    Client(lambda: "mine").compliance(team="Plant North", due_from=None)
    assert answers.asked == [("/compliance-report", {"limit": ["500"], "team": ["Plant North"]}, "Bearer mine")]


def test_a_problem_keeps_the_apis_own_sentence(answers: Answers) -> None:
    answers.give("/me", {"title": "Nobody is below you", "detail": "No one reports to you today."}, 403)
    with pytest.raises(ApiProblem) as caught:
        Client(lambda: "mine").me()
    problem = caught.value
    assert (problem.status, problem.title, problem.detail) == (
        403,
        "Nobody is below you",
        "No one reports to you today.",
    )


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", "[]", '"down"', "null"])
def test_an_answer_that_is_no_problem_document_is_still_a_sentence(answers: Answers, body: str) -> None:
    answers.give("/me", body, 502)
    with pytest.raises(ApiProblem, match=r"The API answered 502\.") as caught:
        Client(lambda: "mine").me()
    assert caught.value.status == 502


def test_nobody_listening_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRAXIS_API_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ApiAway, match="can't be reached"):
        Client(lambda: "mine").me()


def test_a_proxy_of_this_machine_is_not_asked_for_our_own_api(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    answers.give("/me", {"email": "ada@example.com"})
    assert Client(lambda: "mine").me() == {"email": "ada@example.com"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PRAXIS_API_PORT": "9001"}, "http://127.0.0.1:9001"),
        ({"PRAXIS_HOST": "0.0.0.0", "PRAXIS_API_PORT": "9001"}, "http://127.0.0.1:9001"),
        ({"PRAXIS_HOST": "192.0.2.7"}, "http://192.0.2.7:8000"),
        ({"PRAXIS_API_URL": "https://praxis.example/", "PRAXIS_API_PORT": "9001"}, "https://praxis.example"),
    ],
)
def test_the_api_is_where_the_environment_says(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PRAXIS_HOST", "PRAXIS_API_PORT", "PRAXIS_API_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert api_url() == expected
