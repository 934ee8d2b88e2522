"""The audit log's page: every state as a sentence, every entry readable, nothing exported that nobody asked for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from api.identity.audit_schemas import ID, AuditPage
from dashboards.client import Client
from dashboards.views import audit
from dashboards.views.audit import CHOSEN, change, who_did
from tests.dashboards.conftest import Answers
from tests.dashboards.test_pages import texts

Shown = Callable[[str], AppTest]
PATH = "/audit-log"


def entry(seq: int = 1742, **changes: Any) -> dict[str, Any]:
    (example,) = AuditPage.model_config["json_schema_extra"]["example"]["items"]  # type: ignore[index,call-overload]
    return {**example, "seq": seq, **changes}


def log(*entries: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    """As the API's own schema has it."""
    return AuditPage.model_validate({"items": list(entries), "next": following}).model_dump(mode="json")


def rows(app: AppTest) -> list[dict[str, Any]]:
    return list(app.dataframe[0].value.to_dict("records"))


def test_an_entry_reads_who_did_what_to_whom_when_and_from_where(answers: Answers, shown: Shown) -> None:
    before = {"role": "officer", "until": None, "of": "x"}
    answers.give(PATH, log(entry(before=before, after={"role": "auditor", "until": "2027", "of": "x"})))
    (row,) = rows(shown("audit"))
    assert row.pop("When (UTC)").isoformat() == "2026-11-23T12:00:00+00:00"
    assert row == {
        "Who": "Ada Ito",
        "Did what": "role granted",
        "To whom or what": "Bo Berg",
        "Change": "role: officer -> auditor; until: nothing -> 2027",
        "From where": "10.0.0.7",
    }


NOBODY = {"account_id": None, "person_id": None, "name": None, "client_id": None}


@pytest.mark.parametrize(
    ("actor", "more", "told"),
    [
        ({"name": "Ada"}, {}, "Ada"),
        ({"name": "Ada"}, {"on_behalf_of": ID, "on_behalf_of_name": "Bo"}, "Ada for Bo"),
        ({"account_id": ID}, {}, f"account {ID}"),
        ({"client_id": "praxis-operator"}, {}, "The terminal"),
        ({"client_id": "planner"}, {}, "planner"),
        ({}, {}, "Nobody known"),
    ],
)
def test_who_did_it_is_said_also_where_there_is_no_person(
    actor: dict[str, Any], more: dict[str, Any], told: str
) -> None:
    assert who_did(log(entry(actor=NOBODY | actor, **more))["items"][0]) == told


@pytest.mark.parametrize(
    ("before", "after", "note", "told"),
    [
        (None, None, None, ""),
        (None, {"scopes": ["a", "b"], "is_public": False}, None, "scopes: a, b; is public: no"),
        ({"a": 1}, None, "by mistake", "a: 1 -> nothing; by mistake"),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, None, "b: 2 -> 3"),
        (None, {"counts": {"joined": 2, "left": 0}, "none": []}, None, "counts: joined 2, left 0; none: none"),
    ],
)
def test_a_change_reads_before_and_after(before: Any, after: Any, note: str | None, told: str) -> None:
    assert change(entry(before=before, after=after, note=note)) == told


def test_the_search_is_what_the_api_is_asked(answers: Answers, shown: Shown) -> None:
    answers.give(PATH, log(entry()))
    app = shown("audit")
    today = datetime.now(UTC).date()
    first = answers.asked[-1][1]
    assert set(first) == {"from", "to", "limit"}
    assert first["to"] == [f"{today + timedelta(days=1)}T00:00:00+00:00"]
    app.text_input[0].set_value(" ada@example.com ")
    app.text_input[1].set_value("Bo Berg")
    app.selectbox[0].set_value("identity.sign_in_failed").run()
    asked = answers.asked[-1][1]
    assert (asked["actor"], asked["target"], asked["action"]) == (
        *(["ada@example.com"], ["Bo Berg"]),
        ["identity.sign_in_failed"],
    )


def test_an_act_that_can_not_be_is_told_before_anybody_is_asked(
    answers: Answers, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit's test runner types nothing into a list, so the text is one of the list here."""
    monkeypatch.setattr(audit, "ACTS", [audit.ALL, "Signed In!"])
    answers.give(PATH, log(entry()))
    app = shown("audit")
    count = len(answers.asked)
    app.selectbox[0].set_value("Signed In!").run()
    assert "identity.signed_in" in app.warning[0].value
    assert len(answers.asked) == count


def test_older_and_newer_turn_the_pages_and_another_search_begins_anew(answers: Answers, shown: Shown) -> None:
    answers.give(PATH, log(entry(90), following="90"))
    app = shown("audit")
    newer, older = app.button
    assert (newer.label, newer.disabled, older.label, older.disabled) == ("Newer", True, "Older", False)
    answers.give(PATH, log(entry(40)))
    older.click().run()
    assert answers.asked[-1][1]["cursor"] == ["90"]
    assert "Page 2" in texts(app)
    assert app.button[1].disabled
    app.button[0].click().run()
    assert "cursor" not in answers.asked[-1][1]
    answers.give(PATH, log(entry(90), following="90"))
    app.run()
    app.button[1].click().run()
    app.text_input[0].set_value("Bo").run()
    assert "cursor" not in answers.asked[-1][1]


def test_a_chosen_entry_shows_all_of_it_as_it_was_written(answers: Answers, shown: Shown) -> None:
    odd = entry(7, note="*bold* [x](http://evil.example)", before={"role": "x"}, after={"role": "größe"})
    answers.give(PATH, log(entry(8), odd))
    app = shown("audit")
    app.session_state[CHOSEN] = 7
    answers.give(PATH, log(entry(9), entry(8), odd))  # one more has come
    app.run()
    assert app.header[0].value == "Entry 7: role granted"
    told = texts(app)
    assert "23 Nov 2026, 12:00:00 UTC" in told.replace("\\", "")
    assert r"\*bold\* \[x\]\(http\://evil.example\)" in told
    assert odd["hash"] in told
    assert ["größe" in code.value for code in app.code] == [False, True]


def test_nothing_found_says_what_to_do_and_offers_no_export(answers: Answers, shown: Shown) -> None:
    answers.give(PATH, log())
    app = shown("audit")
    assert "Nothing was recorded that matches." in texts(app)
    assert not app.get("download_button")


@pytest.mark.parametrize(
    ("status", "title", "detail"),
    [
        (403, "The audit log is for the whole company", "Your role is narrowed to org units"),
        (503, "Try again shortly", "The database is busy or restarting"),
        (500, "Internal error", "It is in the log."),
    ],
)
def test_what_the_api_refuses_is_a_sentence(
    answers: Answers, shown: Shown, status: int, title: str, detail: str
) -> None:
    answers.give(PATH, {"title": title, "detail": detail}, status)
    app = shown("audit")
    assert title in texts(app)
    assert detail in texts(app)


def test_an_export_is_asked_for_only_by_its_button(answers: Answers, shown: Shown) -> None:
    answers.give(PATH, log(entry()))
    app = shown("audit")
    assert len(app.get("download_button")) == 2
    assert all("format" not in asked for _, asked, _ in answers.asked)


def test_the_client_asks_for_the_format_with_the_same_filters(answers: Answers) -> None:
    answers.give(PATH, "seq,recorded_at\r\n")
    assert Client(lambda: "a-token").audit_export("csv", actor="Ada", cursor=None) == b"seq,recorded_at\r\n"
    assert answers.asked[-1][1] == {"actor": ["Ada"], "format": ["csv"]}
