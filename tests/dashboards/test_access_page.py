"""The page of roles and dotted lines: who may read it, who may change what, and what the API's answers become."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from api.people.schemas import GRANT, LINE, DottedLinePage, OrgUnitPage, RoleGrantPage
from tests.dashboards.conftest import Answers

Shown = Callable[..., AppTest]
UNITS = [{"id": "01a20a22-a1b4-734c-96fd-dad3b48bf5f4", "code": "plant", "name": "Plant", "parent_id": None}]


@pytest.fixture(autouse=True)
def company(answers: Answers) -> None:
    for path, page, items in (
        ("/role-grants", RoleGrantPage, [GRANT, {**GRANT, "person": None, "role": "auditor", "org_unit": None}]),
        ("/dotted-lines", DottedLinePage, [LINE]),
        ("/org-units", OrgUnitPage, UNITS),
    ):
        answers.give(path, page.model_validate({"items": items}).model_dump(mode="json"))


def buttons(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_who_has_which_role_for_what_is_shown(shown: Shown) -> None:
    table = shown("access", roles=["officer"]).dataframe[0].value
    assert list(table["Person"]) == ["Ada Lovelace", "External"]
    assert list(table["Role"]) == ["Compliance officer", "Auditor"]
    assert list(table["For"]) == ["Plant North", "The whole company"]


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        (["officer"], {"Give the role", "Draw the line"}),
        (["hr_data"], {"Draw the line"}),
        (["auditor"], set()),
        (["auditor", "officer"], set()),
    ],
)
def test_only_who_may_change_something_is_offered_to(shown: Shown, roles: list[str], may: set[str]) -> None:
    assert buttons(shown("access", roles=roles)) == may


def test_a_role_is_given_for_a_unit_until_a_day(answers: Answers, shown: Shown) -> None:
    answers.give("/role-grants", answers.by_path["/role-grants"][1])
    app = shown("access", roles=["officer"])
    app.text_input[0].input("grace@example.com")
    app.selectbox[0].select("officer")
    app.selectbox[1].select("Plant").run()
    next(button for button in app.button if button.label == "Give the role").click().run()
    grant: Any = {"email": "grace@example.com", "role": "officer", "org_unit_id": UNITS[0]["id"], "valid_until": None}
    assert answers.sent == [("POST", "/role-grants", grant)]
    assert [toast.value for toast in app.toast] == ["grace@example.com is Compliance officer from now on."]


def test_what_the_api_refuses_is_said_and_the_form_keeps_what_was_typed(answers: Answers, shown: Shown) -> None:
    app = shown("access", roles=["hr_data"])
    answers.give("/dotted-lines", {"title": "This line can't be drawn", "detail": "Nobody is their own manager."}, 422)
    app.text_input[0].input("grace@example.com")
    app.text_input[1].input("grace@example.com").run()
    assert not app.exception
    assert "Nobody is their own manager." in "\n".join(str(one.value) for one in app.info)


def test_nobody_with_a_role_is_an_empty_state_not_an_empty_table(answers: Answers, shown: Shown) -> None:
    answers.give("/role-grants", {"items": []})
    answers.give("/dotted-lines", {"items": []})
    app = shown("access", roles=["officer"])
    assert not app.dataframe
    assert "Nobody has been granted a role yet." in "\n".join(str(one.value) for one in app.info)
