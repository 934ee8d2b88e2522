"""Whose account it is: only the person's own, however the provider's claims are bent."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.models import Account
from api.people.models import Person
from tests.api.identity.company.conftest import Visitor, account_of
from tests.api.identity.company.forged.conftest import attempt, refused
from tests.api.identity.company.forged.forger import Forger
from tests.factories import make_person


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "yes, really"},
        {"email_verified": "false"},
        {"email_verified": [True]},
        {"email": None},
        {"email": ["{email}"]},
        {"email": "{email}\0"},
        {"email": " {email}"},
    ],
)
async def test_an_address_that_is_not_verified_opens_no_account(
    visitor: Visitor, forger: Forger, ada: Person, claims: dict[str, Any], database_url: str
) -> None:
    spelled = {"email": claims["email"].format(email=ada.email)} if isinstance(claims.get("email"), str) else {}
    forger.claims = claims | spelled
    await refused(visitor, "knows nobody", 403)
    assert (await account_of(database_url, ada))[0].idp_subject is None


async def test_a_letter_that_looks_like_another_opens_no_account(
    visitor: Visitor, forger: Forger, committed: AsyncSession
) -> None:
    """Postgres says that the Kelvin sign is a k, where case doesn't count."""
    victim = await make_person(committed, "Kim Oak")
    await committed.commit()
    forger.claims = {"email": str(victim.email).replace("k", "\u212a"), "sub": "attacker"}
    await refused(visitor, "knows nobody", 403)


async def test_an_account_that_has_a_subject_is_never_given_to_another(
    visitor: Visitor, stranger: Visitor, forger: Forger, ada: Person, database_url: str
) -> None:
    """An address is given to a new colleague: they don't get what the old one had."""
    await attempt(visitor)
    forger.claims = {"sub": "the new colleague"}
    await refused(stranger, "belongs to another sign-in", 403)
    assert (await account_of(database_url, ada))[0].idp_subject == f"{forger.issuer} {ada.email}"


async def test_a_service_or_an_outsider_is_not_signed_in_by_the_company(
    visitor: Visitor, forger: Forger, committed: AsyncSession
) -> None:
    committed.add(Account(email="auditor@outside.example"))
    await committed.commit()
    forger.claims = {"email": "auditor@outside.example", "sub": "outsider"}
    await refused(visitor, "knows nobody", 403)


@pytest.mark.parametrize(
    "groups", ["lms-officers", ["lms-officers", 7, None, {"a": 1}], [["lms-officers"]], {"a": 1}, 7]
)
async def test_strange_groups_give_what_they_name_and_never_an_error(
    visitor: Visitor, forger: Forger, ada: Person, database_url: str, groups: Any
) -> None:
    forger.claims = {"groups": groups}
    assert (await attempt(visitor)).status_code == 303
    names_it = groups == "lms-officers" or (isinstance(groups, list) and "lms-officers" in groups)
    assert (await account_of(database_url, ada))[1] == ({"officer all idp"} if names_it else set())
