"""The pages' sentences for every state; the answers are checked against the API's own schemas first."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from api.reports.course_schemas import CourseAnalytics, QuizItem, detail_example
from api.reports.schemas import FRESHNESS, ID, ComplianceReport, TeamProgress
from dashboards import charts, viewer
from dashboards.session import Session
from tests.dashboards.conftest import NOBODY, Answers

Shown = Callable[..., AppTest]


def report(**changes: Any) -> dict[str, Any]:
    example = ComplianceReport.model_config["json_schema_extra"]["example"]  # type: ignore[index,call-overload]
    return ComplianceReport.model_validate({**example, **changes}).model_dump(mode="json")


def late(name: str, number: int) -> dict[str, Any]:
    person = {"id": f"{ID[:-1]}{number}", "name": name}
    course = {"id": ID, "name": "Fire *safety* [x](http://evil.example)"}
    rest = {"team": "Plant North", "due_on": "2026-09-24", "progress_percent": 26, "days_late": 60}
    return {"person": person, "course": course, "status": "overdue", "completed_at": None, **rest}


def analytics(*, learner_count: int = 12, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    course = {"id": ID, "name": "Fire safety"}
    headline = {"course": course, "category": "Safety", "learner_count": learner_count, "completed_count": 0}
    shown = {**detail_example(), **(detail or {})}
    whole = {"freshness": FRESHNESS, "privacy": "Small groups are one.", "courses": [headline], "detail": shown}
    return CourseAnalytics.model_validate(whole).model_dump(mode="json")


def texts(app: AppTest) -> str:
    kinds = (app.title, app.header, app.info, app.success, app.caption, app.markdown)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_a_manager_sees_the_apis_figures_and_who_is_late(answers: Answers, shown: Shown) -> None:
    answers.give("/compliance-report", report())
    app = shown("manager")
    assert [metric.value for metric in app.metric][:1] == ["60%"]
    assert list(app.dataframe[0].value["Employee"]) == ["Ada Lovelace"]
    assert "lake snapshot 41 and 3 newer events" in texts(app)


def test_nothing_due_in_the_range_says_what_to_do(answers: Answers, shown: Shown) -> None:
    kpi = {"value": None, "change": None, "series": []}
    count = {"value": 0, "change": None, "series": []}
    kpis = {"compliance_rate": kpi, "overdue": count, "due_soon": count, "completions": count}
    answers.give("/compliance-report", report(kpis=kpis, total=0, items=[], matrix=[], trend=[]))
    app = shown("manager")
    assert "Nothing is due in this range" in texts(app)
    assert app.metric[0].value == "–"


def test_everyone_on_time_is_said(answers: Answers, shown: Shown) -> None:
    answers.give("/compliance-report", report(items=[]))
    assert "Everyone is on time." in texts(shown("manager"))


@pytest.mark.parametrize(
    ("status", "title", "detail"),
    [
        (403, "Nobody is below you", "No one reports to you today."),
        (503, "Not ready yet", "The first pipeline pass has not finished."),
        (500, "Internal error", "It is in the log."),
    ],
)
def test_what_the_api_refuses_is_a_sentence_not_a_stack_trace(
    answers: Answers, shown: Shown, status: int, title: str, detail: str
) -> None:
    answers.give("/compliance-report", {"title": title, "detail": detail}, status)
    app = shown("manager")
    assert title in texts(app)
    assert detail in texts(app)
    assert [button.label for button in app.button] == (["Try again"] if status == 503 else [])


def test_the_filters_are_what_the_api_is_asked(answers: Answers, shown: Shown) -> None:
    answers.give("/compliance-report", report())
    app = shown("manager")
    app.selectbox[0].select("Direct reports")
    app.multiselect[0].select(ID).run()
    asked = answers.asked[-1][1]
    assert (asked["unit"], asked["whose"], asked["direct_only"]) == ([ID], ["mine"], ["true"])
    assert asked["due_from"][0] < f"{datetime.now(UTC):%Y-%m-%d}" < asked["due_to"][0]


def test_the_chosen_people_stay_chosen_when_another_row_goes_and_are_reminded(answers: Answers, shown: Shown) -> None:
    answers.give("/reminders", {"sent": 1, "already_today": 1, "not_due": 0})
    people = [late("Ann", 1), late("Bob", 2), late("Cem", 3)]
    answers.give("/compliance-report", report(items=people))
    app = shown("manager")
    app.session_state["overdue_chosen"] = [(one["person"]["id"], ID) for one in people[1:]]
    answers.give("/compliance-report", report(items=people[1:]))
    button = next(one for one in app.run().button if one.key == "remind_rows")
    assert button.label == "Send 2 reminders to 2 people"
    button.click().run()
    wanted = [{"person_id": one["person"]["id"], "course_id": ID} for one in people[1:]]
    assert answers.sent[-1] == ("POST", "/reminders", {"items": wanted})
    assert "1 sent. 1 were reminded today already." in texts(app)
    answers.give("/compliance-report", report(items=people[:1]))
    assert not [one for one in app.run().button if one.key == "remind_rows"], "they are done: nobody takes their place"


@pytest.mark.parametrize(
    ("me", "title", "words"),
    [
        ({"roles": ["employee", "manager"], "team_size": 3}, "Team compliance", "Fire safety"),
        ({"roles": ["employee", "manager"], "acts_for": [{"id": ID, "name": "Zoë"}]}, "Team compliance", "Fire safety"),
        ({"roles": ["employee", "manager", "officer"]}, "Team compliance", "Fire safety"),
        ({"roles": ["auditor"]}, "Team compliance", "Fire safety"),
        ({"roles": ["employee", "manager", "creator"]}, "Course insight", "You own no course yet."),
        ({"roles": ["employee", "manager"]}, "Welcome to Praxis", "Nobody reports to you today"),
        ({"roles": ["employee", "manager"], "acts_for": [{"id": ID, "name": "Bo"}]}, "Team compliance", "Fire safety"),
        ({"roles": ["employee", "manager", "hr_data"]}, "HR data", "No HR system has brought anything yet."),
    ],
    ids=str,
)
def test_who_has_which_role_is_offered_its_pages(
    answers: Answers, offered: Callable[..., AppTest], me: dict[str, Any], title: str, words: str
) -> None:
    answers.give("/compliance-report", report())
    answers.give("/course-analytics", {**analytics(), "courses": [], "detail": None})
    for path in ("/role-grants", "/dotted-lines", "/org-units", "/hr/sources"):
        answers.give(path, {"items": []})
    app = offered(**me)
    assert app.title[0].value == title
    tables = " ".join(str(table.value) for table in app.dataframe)
    assert words in texts(app) + tables + " ".join(str(one.proto) for one in app.sidebar.get("html"))


def test_an_account_without_a_person_is_named_by_its_address_and_role(
    answers: Answers, offered: Callable[..., AppTest]
) -> None:
    answers.give("/compliance-report", report())
    side = str(offered(roles=["auditor"], email="<b>@audit.example").sidebar.get("html")[0].proto)
    assert "&lt;b&gt;@audit.example" in side
    assert "Auditor" in side
    assert "Data pipelines" not in side


def test_a_page_that_somebody_else_goes_on_with_forgets_the_first(
    answers: Answers, offered: Callable[..., AppTest], signed_in: list[Session]
) -> None:
    answers.give("/compliance-report", report())
    app = offered(email="ada@example.com", roles=["officer"])
    app.run()
    assert [path for path, _, _ in answers.asked].count("/me") == 1, "once a person"
    signed_in.pop(0)
    answers.give("/me", {**NOBODY, "email": "ben@example.com"})
    app.run()
    assert "ben@example.com" in str(app.sidebar.get("html")[0].proto)
    assert app.title[0].value == "Welcome to Praxis"


def test_a_page_whose_sign_in_has_ended_shows_nothing_but_the_way_back(
    answers: Answers, offered: Callable[..., AppTest], signed_in: list[Session]
) -> None:
    answers.give("/compliance-report", report())
    app = offered(roles=["officer"])
    assert app.metric
    signed_in[0].is_over = True
    app.run()
    assert not app.metric
    assert "You are signed out." in texts(app)


def test_a_title_is_shown_as_it_was_written() -> None:
    assert viewer.plain("a *b* [x](y) $1$ :red[z]") == r"a \*b\* \[x\]\(y\) \$1\$ \:red\[z\]"


def test_who_owns_no_course_is_told_so(answers: Answers, shown: Shown) -> None:
    answers.give("/course-analytics", {**analytics(), "courses": [], "detail": None})
    assert "You own no course yet." in texts(shown("creator"))


def test_a_course_without_learners_waits_for_the_first(answers: Answers, shown: Shown) -> None:
    answers.give("/course-analytics", analytics(learner_count=0))
    assert "Nobody is enrolled yet." in texts(shown("creator"))


def test_a_course_without_video_and_quiz_says_so_and_shows_the_rest(answers: Answers, shown: Shown) -> None:
    answers.give("/course-analytics", analytics())
    app = shown("creator")
    assert "This course has no quiz." in texts(app)
    assert "Nobody has watched a video of this course yet" in texts(app)
    assert [metric.value for metric in app.metric][2:] == ["–", "–", "–"]


def film(number: int = 1) -> dict[str, Any]:
    segment = {"segment_s": 0, "viewer_share": 1.0, "viewer_count": 4, "play_count": 5}
    module = {"id": f"{ID[:-1]}{number}", "name": "Film"}
    return {"module": module, "duration_s": 5, "viewer_count": 4, "segments": [segment], "marks": []}


def quiz_item(**measured: Any) -> dict[str, Any]:
    right = {"choice_id": ID, "label": "Climb", "is_correct": True, "share": 1.0, "upper_share": 1.0}
    nothing = dict.fromkeys(name for name, field in QuizItem.model_fields.items() if field.annotation == float | None)
    counted = {"answer_count": 40, "traced_count": 30, "choices": [{**right, "lower_share": None}], "flag": "OK"}
    words = {"module_title": "Quiz", "position": 1, "kind": "single", "prompt": "It wobbles?", "is_shown": True}
    return {"question_id": ID, "item_id": ID, "item_version": 2, **words, **nothing, **counted, **measured}


def test_a_flagged_item_is_named_with_its_reason(answers: Answers, shown: Shown) -> None:
    flagged = quiz_item(correct_share=1.0, flag="Review: nearly everybody is right")
    older = quiz_item(is_shown=False, item_version=1, prompt="It shakes?")
    answers.give("/course-analytics", analytics(detail={"quiz_items": [flagged, older], "retention": [film()]}))
    app = shown("creator")
    table = app.dataframe[0].value
    assert list(table["Flag"]) == ["Review", "OK"]
    assert table["Item"][1] == "2. It shakes? (item version 1, not in this version of the course)"
    assert "**1. It wobbles?** nearly everybody is right." in texts(app)


def test_a_creator_narrows_the_learners_and_sees_two_versions(answers: Answers, shown: Shown) -> None:
    version = {"title": "Fire safety", "published_at": "2026-01-01T00:00:00Z", "learner_count": 6}
    versions = [{**version, "number": n, "is_current": n == 2} for n in (1, 2)]
    options = [{"key": key, "name": key, "learner_count": 6} for key in ("DE", "PL")]
    step = {"kind": None, "module_id": None, "share": 1.0, "lost": None, "lost_share": None}
    side = {"is_hidden": False, "learner_count": 6, "completion_rate": 0.5, "median_days_to_complete": 0.5}
    side |= {"first_try_pass_rate": None, "funnel": [{"step": "Enrolled", "person_count": 6, **step}]}
    hidden = dict.fromkeys(side) | {"is_hidden": True, "funnel": [], "retention": []}
    both = [{"version": 2, **side, "retention": [film()]}, {"version": 1, **hidden}]
    detail = {"versions": versions, "options": {"unit": [], "country": options, "cohort": []}, "comparison": both}
    answers.give("/course-analytics", analytics(detail=detail))
    app = shown("creator")
    assert [box.label for box in app.selectbox] == ["Course", "Version", "Country", "Compare with"]
    app.selectbox[2].select("PL")
    app.selectbox[3].select("1").run()
    assert not app.exception
    asked = answers.asked[-1][1]
    assert (asked["country"], asked["compare"]) == (["PL"], ["1"])
    assert "version" not in asked
    assert "Version 1: too few learners to show figures of." in texts(app)
    assert "12.0 hours" in [metric.value for metric in app.metric]


def test_learners_too_few_to_show_are_said_to_be(answers: Answers, shown: Shown) -> None:
    nothing = {"kpis": None, "completion_time": None, "ratings": None, "funnel": []}
    answers.give("/course-analytics", analytics(detail={**nothing, "hidden": "Fewer than 5 learners match."}))
    app = shown("creator")
    assert "Fewer than 5 learners match." in texts(app)
    assert not app.metric


def test_one_team_has_its_courses_down_the_strip() -> None:
    cell = {"team": "North", "course": "Fire", "rate": 0.5, "overdue": 1, "total": 2}
    one = charts.heat_strip(pd.DataFrame([cell])).to_dict()
    two = charts.heat_strip(pd.DataFrame([cell, {**cell, "team": "South"}])).to_dict()
    assert [chart["layer"][0]["encoding"]["y"]["field"] for chart in (one, two)] == ["course", "team"]


def test_whose_numbers_and_of_which_day_is_asked_where_there_is_a_choice(answers: Answers, shown: Shown) -> None:
    answers.give("/compliance-report", report())
    boss = {"id": ID, "name": "Bo Berg"}
    app = shown("manager", team_size=3, reach={"everyone": True, "org_units": []}, acts_for=[boss])
    assert app.selectbox[0].options == [
        *("The whole company", "My people", "Direct reports", "By dotted line"),
        *("People of Bo Berg", "Direct reports of Bo Berg"),
    ]
    app.selectbox[0].select("People of Bo Berg").run()
    assert answers.asked[-1][1]["on_behalf_of"] == [ID]
    app.date_input[1].set_value(datetime(2026, 6, 30, tzinfo=UTC).date()).run()
    assert answers.asked[-1][1]["as_of"] == ["2026-06-30"]
    assert "what was true of them on 30 Jun 2026" in texts(app)


def test_an_auditor_chooses_no_line_and_a_delegate_only_those_they_act_for(answers: Answers, shown: Shown) -> None:
    answers.give("/compliance-report", report())
    auditor = {"roles": ["auditor"], "team_size": 0, "reach": {"everyone": True, "org_units": []}}
    assert shown("manager", **auditor).selectbox[0].options == ["The whole company"]
    app = shown("manager", team_size=0, acts_for=[{"id": ID, "name": "Bo"}])
    assert app.selectbox[0].options == ["People of Bo", "Direct reports of Bo"]


def test_a_persons_page_says_why_they_are_seen_and_what_is_due(answers: Answers, shown: Shown) -> None:
    answers.give("/team-progress", TeamProgress.model_config["json_schema_extra"]["example"])  # type: ignore[index,call-overload]
    answers.give("/compliance-report", report())
    app = shown("person", person=ID)
    assert app.title[0].value == "Ada Lovelace"
    assert "reports to Grace Hopper · seen in your line, 1 level below" in texts(app).replace("\\", "")
    assert ":red-badge[overdue] **Fire safety**" in texts(app)
    assert [button.label for button in app.button] == ["Send a reminder"]
    assert "is among the people whom you may see" in texts(shown("person", person=f"{ID[:-1]}0"))


def test_the_list_of_people_is_searched_by_the_api(answers: Answers, shown: Shown) -> None:
    answers.give("/team-progress", TeamProgress.model_config["json_schema_extra"]["example"])  # type: ignore[index,call-overload]
    answers.give("/compliance-report", report())
    app = shown("people")
    assert list(app.dataframe[0].value["Reports to"]) == ["Grace Hopper"]
    app.text_input[0].input("lov").run()
    assert next(query for path, query, _ in reversed(answers.asked) if path == "/team-progress")["q"] == ["lov"]
