"""Programs that nobody here wrote read our credentials: Digital Bazaar's verifier, and 1EdTech's schema."""

import asyncio
import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api.credentials.issuer_keys import rotate_issuer_key
from tests.api.credentials.conftest import NAME, Holder
from tests.node import installed

HERE = Path(__file__).parent / "verifier"
Document = dict[str, Any]


@pytest.fixture(scope="session")
def verifier() -> Path:
    return installed(HERE, "verify.mjs")


@pytest.fixture
def verified(verifier: Path, holder: Holder) -> Any:
    """What the verifier says of documents, given what our addresses serve at this moment and nothing else."""

    async def ask(*check: Document) -> list[Document]:
        listed = (await holder.client.get("/credential-status/0")).json()
        issuer = (await holder.client.get("/issuer")).json()
        asked = json.dumps({"documents": {one["id"]: one for one in (listed, issuer)}, "check": check})
        running = await asyncio.create_subprocess_exec(
            "node", "verify.mjs", cwd=verifier, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        told, _ = await running.communicate(asked.encode())
        return json.loads(told)

    return ask


async def signed(holder: Holder, code: str) -> Document:
    answer = await holder.client.get(f"/certificates/{code}/credential")
    assert answer.headers["content-type"] == "application/vc"
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


def tampered(credential: Document, *path: str | int, value: str) -> Document:
    copied = copy.deepcopy(credential)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    assert place[path[-1]] != value
    place[path[-1]] = value
    return copied


async def test_an_independent_verifier_accepts_it_and_refuses_what_was_changed(
    holder: Holder, now: datetime, verified: Any
) -> None:
    credential = await signed(holder, await holder.finishes(now))
    other = await signed(holder, await holder.finishes(now))
    assert credential == other  # signed once
    subject = ("credentialSubject", "identifier", 0, "identityHash")
    assert credential["credentialSubject"]["identifier"][0]["identityHash"] == NAME
    listed = (await holder.client.get("/credential-status/0")).json()
    proof = credential["proof"][0]["proofValue"]
    swapped = proof[:9] + ("2" if proof[9] != "2" else "3") + proof[10:]
    good, renamed, longer, moved, resigned, of_list = await verified(
        credential,
        tampered(credential, *subject, value="Eve"),
        tampered(credential, "validUntil", value="2099-01-01T00:00:00Z"),
        tampered(credential, "credentialStatus", "statusListIndex", value="99"),
        tampered(credential, "proof", 0, "proofValue", value=swapped),
        listed,
    )
    assert good == {"verified": True, "isRevoked": False, "hasStatus": True, "errors": []}
    assert of_list["verified"]
    for refused in (renamed, longer, moved, resigned):
        assert not refused["verified"]
        assert "Invalid signature." in refused["errors"]


async def test_a_revoked_one_is_refused_by_its_status_and_others_are_not(
    holder: Holder, now: datetime, verified: Any
) -> None:
    code = await holder.finishes(now)
    credential = await signed(holder, code)
    assert (await verified(credential))[0]["verified"]
    await holder.revoked(code)
    assert await signed(holder, code) == credential
    await holder.client.post("/enroll", json={"course_id": str(holder.course.id)}, headers=holder.headers)
    later = await signed(holder, await holder.finishes(now))
    taken, fresh = await verified(credential, later)
    assert (taken["hasStatus"], taken["isRevoked"]) == (True, True)
    assert (fresh["hasStatus"], fresh["isRevoked"], fresh["verified"]) == (True, False, True)


async def test_what_an_old_key_signed_stays_proven_after_the_key_was_changed(
    holder: Holder, now: datetime, verified: Any
) -> None:
    old = await signed(holder, await holder.finishes(now))
    before = (await holder.client.get("/issuer")).json()["assertionMethod"]
    rotate_issuer_key(holder.settings)
    while (await holder.client.get("/issuer")).json()["assertionMethod"] == before:
        pass  # every process sees it within a second
    kept = json.loads((holder.settings.secrets_dir / "issuer_keys.json").read_text())["keys"]
    assert ["secret" in key for key in kept] == [True] + [False] * (len(kept) - 1)
    assert [one["verified"] for one in await verified(old)] == [True]


async def test_the_schema_of_1edtech_takes_it(holder: Holder, now: datetime, shared_data: Path) -> None:
    file = shared_data / "openbadges" / "ob_v3p0_achievementcredential_schema.json"
    if not file.is_file():
        pytest.skip("1EdTech's schema is not in ../shared/data/openbadges on this machine")
    schema = json.loads(file.read_text())
    credential = await signed(holder, await holder.finishes(now))
    checker = jsonschema.Draft201909Validator(schema, format_checker=jsonschema.Draft201909Validator.FORMAT_CHECKER)
    assert [error.message for error in checker.iter_errors(credential)] == []
    assert list(checker.iter_errors({**credential, "proof": credential["proof"][0]}))
    assert list(checker.iter_errors({**credential, "credentialSubject": {}}))
