"""Captions: WebVTT and SRT, strictly read, in several languages, delivered by signed links."""

import uuid
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.media.caption_files import BadCaptions, decode, language_tag, parse, to_vtt
from api.media.models import MediaAsset
from tests.factories import make_person

SRT = (
    "1\r\n00:00:01,000 --> 00:00:02,500\r\n<font color=red>Größe</font> & <i>Gewicht</i>{\\an8}\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000\r\nzwei\r\nZeilen\r\n"
)
VTT = (
    "WEBVTT - Deutsch\n\nSTYLE\n::cue { color: red }\n\nNOTE nobody reads this\n\n"
    "00:01.000 --> 00:02.500 align:start onclick:x\nHallo\n"
)


def test_srt_becomes_webvtt_that_keeps_what_players_share() -> None:
    first = "00:00:01.000 --> 00:00:02.500\nGröße &amp; <i>Gewicht</i>"
    assert to_vtt(parse(SRT)) == f"WEBVTT\n\n{first}\n\n00:00:03.000 --> 00:00:04.000\nzwei\nZeilen\n"


def test_webvtt_keeps_its_cues_and_their_places_and_nothing_else() -> None:
    assert to_vtt(parse(VTT)) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500 align:start\nHallo\n"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 0, "no cue"),
        ("WEBVTT\n", 0, "no cue"),
        ("WEBVTT\n\n00:00:02.000 --> 00:00:01.000\nback", 3, "before it begins"),
        ("WEBVTT\n\nid\n00:00:02.000 -> 00:00:01.000\nback", 4, "expected a time"),
        ("1\n00:00:01,0 --> 00:00:02,000\nshort", 2, "no time"),
        ("1\n00:61:01,000 --> 00:62:02,000\nlate", 2, "go up to 59"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\none\n00:03.000 --> 00:04.000\ntwo", 5, "empty line is missing"),
        ("Just a text\nof two lines", 2, "expected a time"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\0", 0, "no text"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * 1001, 3, "1,000 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(BadCaptions, match=why) as refused:
        parse(text)
    assert refused.value.line == line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_that_people_have_are_read(encoding: str) -> None:
    assert "Größe" in decode(SRT.encode(encoding))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadCaptions, match="save it as UTF-8"):
        decode(b"\x81\x8d\xff")


@pytest.mark.parametrize(
    ("told", "tag"),
    [
        ("DE", "de"),
        ("pt-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("de-1996", "de-1996"),
        ("german", None),
        ("e", None),
    ],
)
def test_language_tags_are_written_the_usual_way(told: str, tag: str | None) -> None:
    assert language_tag(told) == tag


async def test_captions_come_and_go_by_language(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]
) -> None:
    person, stranger = await make_person(committed), await make_person(committed)
    shown = {"file_name": "a.mp4", "content_type": "video/mp4", "size_bytes": 1}
    asset = MediaAsset(owner_id=person.id, kind="video", status="processing", progress_percent=0, **shown)
    committed.add(asset)
    await committed.commit()
    mine, other = (token_for(who.id, "employee", "creator") for who in (person, stranger))

    async def put(language: str, content: str | bytes, headers: dict[str, str] = mine) -> httpx.Response:
        params = {"asset_id": str(asset.id), "language": language, "label": language.upper()}
        return await api.put("/media-captions", params=params, content=content, headers=headers)

    first = await put("de", SRT.encode("cp1252"))
    assert first.status_code == 200, first.text
    assert (await put("de", SRT)).json() == first.json(), "the same again changes nothing"
    form = {"params": {"asset_id": str(asset.id), "language": "en-gb", "label": "English"}, "headers": mine}
    two = await api.put("/media-captions", files={"file": ("en.vtt", VTT)}, **form)
    assert [(one["language"], one["cues"]) for one in two.json()["items"]] == [("de", 2), ("en-GB", 1)]

    link = two.json()["items"][0]["url"]
    text = await api.get(link[link.index("/media/") :])
    assert text.headers["content-type"] == "text/vtt; charset=utf-8"
    assert text.text.startswith("WEBVTT\n\n00:00:01.000")
    shown = (await api.get(f"/media-assets/{asset.id}", headers=mine)).json()
    assert [one["label"] for one in shown["links"]["captions"]] == ["DE", "English"]

    refused = await put("fr", "WEBVTT\n\n00:00:02.000 --> 00:00:01.000\nback")
    assert (refused.status_code, refused.json()["line"]) == (422, 3)
    assert (await put("fr", "x" * (2 * 1024 * 1024 + 1))).status_code == 413
    assert (await put("german", SRT)).status_code == 422
    assert (await put("fr", SRT, other)).status_code == 404

    where = {"asset_id": str(asset.id), "language": "de"}
    assert (await api.delete("/media-captions", params=where, headers=other)).status_code == 404
    assert (await api.delete("/media-captions", params=where, headers=mine)).status_code == 204
    assert (await api.delete("/media-captions", params=where, headers=mine)).status_code == 404
    left = await api.get("/media-captions", params={"asset_id": str(asset.id)}, headers=mine)
    assert [one["language"] for one in left.json()["items"]] == ["en-GB"]
    nothing = await api.get("/media-captions", params={"asset_id": str(uuid.uuid4())}, headers=mine)
    assert nothing.status_code == 404
