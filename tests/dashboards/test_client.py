"""What the dashboards make of the API's answers, over real HTTP."""

import pytest

from api.core.settings import Settings
from dashboards.client import ApiAway, ApiProblem, Client, api_url
from dashboards.sign_in import issuer
from dashboards.site import dagster_site, dashboards_site
from tests.dashboards.conftest import Answers
from tests.processes import free_port


def test_the_viewers_own_token_and_only_given_filters_are_sent(answers: Answers) -> None:
    answers.give("/compliance-report", {"items": []})
    Client(lambda: "mine").compliance(team="Plant North", due_from=None)
    assert answers.asked == [("/compliance-report", {"limit": ["500"], "team": ["Plant North"]}, "Bearer mine")]


def test_each_request_has_the_token_of_its_moment(answers: Answers) -> None:
    answers.give("/me", {})
    api = Client(iter(["first", "renewed"]).__next__)
    api.me()
    api.me()
    assert [token for _, _, token in answers.asked] == ["Bearer first", "Bearer renewed"]


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
        ({"PRAXIS_HOST": "::1"}, "http://[::1]:8000"),
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


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::", "::1", "192.0.2.7"])
def test_the_sites_and_the_api_agree_on_their_addresses(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PRAXIS_PUBLIC_URL", "PRAXIS_PUBLIC_DASHBOARDS_URL", "PRAXIS_PUBLIC_DAGSTER_URL", "PRAXIS_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRAXIS_HOST", host)
    monkeypatch.setenv("PRAXIS_DAGSTER_PORT", "3100")
    settings = Settings()
    assert dashboards_site().callback == f"{settings.dashboards_url}/sign-in/callback"
    assert dagster_site().url == settings.dagster_url
    assert issuer() == settings.api_url
    monkeypatch.setenv("PRAXIS_PUBLIC_DASHBOARDS_URL", "https://dashboards.example/")
    assert dashboards_site().url == Settings().dashboards_url == "https://dashboards.example"
