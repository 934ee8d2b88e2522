"""Every operation and page with the places in it to put something: parameters, form fields, fields of a body."""

import copy
import itertools
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi.routing import APIRoute

from api.app import ROUTERS
from tests.api.attacks.company import Company
from tests.openapi import document

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST = 10_000
"""Of a value in an address; no client sends longer ones."""

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Asked:
    """One request that is right, and the places in it to put something nasty."""

    method: str
    path: str
    places: list[tuple[str, Any]] = field(default_factory=list)
    """(path, query, form or body, its name); in a body the way to it, such as ("events", 0, "id")."""
    body: Any = None
    is_page: bool = False
    tags: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)
    """Parameters that take an id, and the fields of the body's example that are one."""


def ways(part: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """To each field of an example, and to those of the first item of its lists."""
    inner = part.items() if isinstance(part, dict) else enumerate(part[:1]) if isinstance(part, list) else ()
    for key, value in inner:
        yield (*way, key)
        yield from ways(value, (*way, key))


def at(part: Any, way: tuple[str | int, ...]) -> Any:
    for key in way:
        part = part[key]
    return part


def put(part: Any, way: tuple[str | int, ...], value: Any) -> Any:
    """The same with this value there."""
    if not way:
        return value
    changed = copy.copy(part)
    changed[way[0]] = put(part[way[0]] if len(way) > 1 else None, way[1:], value)
    return changed


def listed() -> list[Asked]:
    """Every operation of OpenAPI."""
    schemas, found = document()["components"]["schemas"], []
    for path, item in document()["paths"].items():
        for method, about in item.items():
            if method not in METHODS:
                continue
            places = [(p["in"], p["name"]) for p in about.get("parameters", [])]
            asked = Asked(method.upper(), path, places, tags=set(about["tags"]))
            asked.ids = [p["name"] for p in about.get("parameters", []) if "uuid" in json.dumps(p["schema"])]
            for kind, content in about.get("requestBody", {}).get("content", {}).items():
                named = schemas.get(str(content["schema"].get("$ref", "")).rsplit("/", 1)[-1], content["schema"])
                asked.body = content.get("example") or named.get("example", {})
                if kind.endswith("urlencoded"):
                    asked.places += [("form", name) for name in named["properties"]]
                else:
                    unsaid = [(name,) for name in named.get("properties", {}) if name not in asked.body]
                    asked.places += [("body", way) for way in [*ways(asked.body), *unsaid]]
                    asked.ids += [str(way[-1]) for way in ways(asked.body) if UUID.fullmatch(str(at(asked.body, way)))]
            found.append(asked)
    return found


def pages() -> list[Asked]:
    """Every page that OpenAPI doesn't list, with what its function takes, and what /oauth/authorize reads by itself."""
    found = []
    for route in itertools.chain.from_iterable(module.router.routes for module in ROUTERS):
        if not isinstance(route, APIRoute) or route.include_in_schema:
            continue
        takes = route.dependant
        kinds = {"path": takes.path_params, "query": takes.query_params, "form": takes.body_params}
        places = [(where, parameter.alias) for where, parameters in kinds.items() for parameter in parameters]
        if route.path == "/oauth/authorize" and "GET" in (route.methods or ()):
            places += [("query", name) for name in AUTHORIZE]
        found += [Asked(method, route.path, places, is_page=True) for method in sorted(route.methods or ())]
    return found


AUTHORIZE = {
    "client_id": "praxis-docs",
    "redirect_uri": "",
    "response_type": "code",
    "scope": "openid learning",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "state": "s",
    "nonce": "n",
    "prompt": "consent",
    "max_age": "99999",
    "login_hint": "ada@example.com",
}
"""A request that leads to the consent page, so that each value is read."""


def operations() -> list[Asked]:
    return [*listed(), *pages()]


def filled(path: str, company: Company, changes: dict[str, str]) -> str:
    given = {"code": company.code, "sha256": company.media["sha256"]} | changes
    for name, value in given.items():
        path = path.replace("{" + name + "}", httpx.QueryParams({"x": value}).__str__()[2:].replace("+", "%20"))
    while "{" in path:
        name = path[path.index("{") + 1 : path.index("}")]
        path = path.replace("{" + name + "}", (company.ids.get(name) or [str(uuid.uuid4())])[0])
    return path


def with_ids(body: Any, ids: dict[str, str]) -> Any:
    """A body with these ids in the fields of their names, at any depth."""
    for way in ways(body):
        name = next(key for key in reversed(way) if isinstance(key, str))
        if (known := ids.get(name)) is not None and isinstance(at(body, way), str):
            body = put(body, way, known)
    return body


Sent = tuple[str, dict[str, Any]]
"""The path of a request and httpx' arguments."""


def variants(asked: Asked, company: Company, texts: Iterable[str], values: Iterable[Any] = ()) -> Iterator[Sent]:
    """One place changed in each; texts everywhere, other values in fields of a JSON body."""
    right = {name: company.media[name] for where, name in asked.places if where == "query" and name in company.media}
    if asked.path == "/oauth/authorize":
        right = AUTHORIZE | {"redirect_uri": f"{company.url}/docs/oauth2-redirect"}
    usual = filled(asked.path, company, {})
    for (where, name), value in itertools.product(asked.places, [*texts, *values]):
        if where == "body":
            content = json.dumps(put(asked.body, name, value))
            yield usual, {"content": content, "headers": {"Content-Type": "application/json"}}
        elif isinstance(value, str) and (where == "form" or len(value) < LONGEST):
            text = value.encode("utf-8", "replace").decode()  # as a client can send it at all
            if where == "path":
                yield filled(asked.path, company, {name: text}), {"params": right}
            elif where == "query":
                yield usual, {"params": right | {name: text}}
            else:
                yield usual, {"data": (asked.body or {}) | {name: text}}
