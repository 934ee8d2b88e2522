"""Who a request speaks for and what the token allows at the most."""

import uuid
from dataclasses import dataclass

ROLES = frozenset({"employee", "manager", "creator"})
EVERYONE = frozenset({"employee", "manager"})
"""Roles of every sign-in: 'manager' only permits to act as one; over whom follows from the hierarchy of now."""

GRANTABLE = ROLES - EVERYONE


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller, as the token says: an upper limit, never a proof that a row may be seen."""

    account_id: uuid.UUID
    person_id: uuid.UUID
    roles: frozenset[str]
