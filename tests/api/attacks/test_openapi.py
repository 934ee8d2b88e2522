"""schemathesis over every operation as every role: no 500, and every answer is one that OpenAPI describes.

PRAXIS_FUZZ=200 asks 200 examples of each operation instead of a few, by hand before a release.
"""

import copy
import os
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, note, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.attacks.company import ROLES, Company
from tests.api.attacks.places import METHODS
from tests.openapi import document

EXAMPLES = int(os.environ.get("PRAXIS_FUZZ", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink] if EXAMPLES > 4 else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def kinds() -> list[tuple[str, GenerationMode]]:
    """Each operation with what its schema allows, and where it takes anything at all with what that forbids."""
    return [
        (f"{method.upper()} {path}", mode)
        for path, item in document()["paths"].items()
        for method, about in item.items()
        for mode in GenerationMode
        if method in METHODS and (mode.is_positive or about.get("parameters") or about.get("requestBody"))
    ]


def with_real_ids(part: Any, company: Company, name: str = "") -> Any:
    """The same document, in which an id is often one of the company, and a signed link is its own."""
    if isinstance(part, list):
        return [with_real_ids(each, company, name) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("format") == "uuid":
        known = company.ids.get(name) or company.ids["person_id"]
        return {"anyOf": [{"type": "string", "enum": known}, part]}
    if name in company.media and part.get("type") == "string":
        return {"anyOf": [{"type": "string", "enum": [company.media[name]]}, part]}
    if name == "code" and "maxLength" in part:
        return {"anyOf": [{"type": "string", "enum": [company.code]}, part]}
    changed = {}
    for key, value in part.items():
        if key in ("properties", "schema"):
            inner = part.get("name", name) if key == "schema" else name
            changed[key] = (
                {field: with_real_ids(about, company, field) for field, about in value.items()}
                if key == "properties"
                else with_real_ids(value, company, inner)
            )
        else:
            changed[key] = with_real_ids(value, company, name)
    return changed


@pytest.fixture(scope="session")
def schema(company: Company) -> schemathesis.BaseSchema:
    served = requests.get(f"{company.url}/openapi.json", timeout=30).json()
    return schemathesis.openapi.from_dict(with_real_ids(copy.deepcopy(served), company))


@pytest.fixture(scope="session")
def sessions(company: Company) -> dict[str, requests.Session]:
    """A connection for each role."""
    found = {role: requests.Session() for role in ROLES}
    for role, session in found.items():
        session.headers.update(company.headers(role))
    return found


@pytest.mark.parametrize(("label", "mode"), kinds(), ids=lambda value: str(getattr(value, "value", value)))
def test_every_answer_to_every_role_is_one_that_openapi_describes(
    company: Company,
    schema: schemathesis.BaseSchema,
    sessions: dict[str, requests.Session],
    label: str,
    mode: GenerationMode,
) -> None:
    """Each example is asked by all roles: making it takes longer than asking."""
    method, path = label.split(" ")
    operation = schema[path][method]

    @BOUNDS
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case) -> None:
        for role, session in sessions.items():
            answer = case.call(base_url=company.url, session=session, timeout=30)
            note(f"as {role}: {answer.status_code}")
            case.validate_response(answer, checks=CHECKS)

    asked()
