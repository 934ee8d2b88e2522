"""A provider that answers badly, endlessly or from elsewhere: told with the way out, and never waited for."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from api.identity import idp_provider
from tests.api.identity.company.conftest import Visitor
from tests.api.identity.company.forged.conftest import attempt, refused
from tests.api.identity.company.forged.forger import Forger

ANSWERS: dict[str, Response] = {
    "no JSON": PlainTextResponse("<html>"),
    "an error": JSONResponse({}, 500),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
async def test_a_provider_that_answers_badly_is_told_of_with_the_way_out(
    visitor: Visitor, forger: Forger, path: str, answer: Response
) -> None:
    forger.instead = {path: answer}
    await refused(visitor, "can't be reached just now", 503)
    assert "Sign in with a password" in (await attempt(visitor)).text


async def test_no_redirect_is_followed(visitor: Visitor, forger: Forger) -> None:
    forger.instead = {"/.well-known/openid-configuration": RedirectResponse(f"{forger.issuer}/elsewhere", 302)}
    await refused(visitor, "can't be reached just now", 503)
    assert "/elsewhere" not in forger.asked


async def test_an_answer_that_is_too_long_is_cut_off(visitor: Visitor, forger: Forger) -> None:
    forger.document = {"padding": "x" * 300_000}
    await refused(visitor, "can't be reached just now", 503)


async def test_an_answer_that_would_unfold_is_not_unfolded(visitor: Visitor, forger: Forger) -> None:
    whole = gzip.compress(forger.described())
    packed = Response(whole, headers={"Content-Encoding": "gzip"}, media_type="application/json")
    forger.instead = {"/.well-known/openid-configuration": packed}
    await refused(visitor, "can't be reached just now", 503)


async def test_an_answer_that_drips_is_not_waited_for(
    visitor: Visitor, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for byte in forger.described():
            yield bytes([byte])
            await asyncio.sleep(0.1)

    monkeypatch.setattr(idp_provider, "WITHIN_S", 0.5)
    forger.instead = {"/.well-known/openid-configuration": StreamingResponse(drops(), media_type="application/json")}
    began = time.monotonic()
    await refused(visitor, "can't be reached just now", 503)
    assert time.monotonic() - began < 5


async def test_a_new_key_is_found_and_unknown_ones_do_not_make_us_ask_all_the_time(
    visitor: Visitor, forger: Forger, praxis: FastAPI
) -> None:
    assert (await attempt(visitor)).status_code == 303
    before = forger.key
    forger.key = RSAKey.generate_key(2048, {"use": "sig", "kid": "two"})
    forger.header = {"kid": "two"}
    try:
        for _ in range(3):
            assert (await attempt(visitor)).status_code == 400
        assert forger.asked.count("/jwks") == 1
        praxis.state.company._keys_at -= idp_provider.KEYS_AGAIN_S
        assert (await attempt(visitor)).status_code == 303
        assert forger.asked.count("/jwks") == 2
        assert forger.asked.count("/.well-known/openid-configuration") == 1
    finally:
        forger.key = before
