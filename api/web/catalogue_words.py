"""How the catalogue's page says its filters, and the addresses that they lead to."""

from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError

from api.core.i18n import gettext as _
from api.core.i18n import wording

TONES = 6


class Address:
    """Of the page with these filters, without what is as it is by itself."""

    def __init__(self, **given: str) -> None:
        self.given = {name: value for name, value in given.items() if value}

    def but(self, **changes: str) -> str:
        told = {name: value for name, value in {**self.given, **changes}.items() if value}
        return f"/catalogue?{urlencode(told, quote_via=quote)}" if told else "/catalogue"


def tone_of(category: str) -> int:
    """Which of the placeholders a category has: the same one everywhere."""
    return sum(category.casefold().encode()) % TONES


def language_name(code: str) -> str:
    try:
        name = Locale.parse(code, sep="-").get_display_name(wording().locale)
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:] if name else code


def level_name(difficulty: str) -> str:
    names = {"beginner": _("Beginner"), "intermediate": _("Intermediate"), "advanced": _("Advanced")}
    return names.get(difficulty, difficulty)


def _said(facet: str, value: str) -> str:
    """A filter's value, for a person."""
    if facet == "max_minutes":
        return _("Up to {duration}").format(duration=wording().duration(60 * int(value)))
    return {"difficulty": level_name, "language": language_name}.get(facet, str)(value)


def facets_of(counted: dict[str, Any], filters: dict[str, str], address: Address) -> list[dict[str, Any]]:
    titles = {
        "category": _("Topic"),
        "difficulty": _("Level"),
        "max_minutes": _("Duration"),
        "language": _("Language"),
        "skill": _("Skill"),
    }
    return [
        {
            "name": name,
            "title": title,
            "values": [
                {
                    "key": quote(f"{name}-{one['value']}"),
                    "text": _said(name, str(one["value"])),
                    "count": one["count"],
                    "is_on": filters[name] == str(one["value"]),
                    "href": address.but(**{name: "" if filters[name] == str(one["value"]) else str(one["value"])}),
                }
                for one in counted[name][: 10 if name == "skill" else 20]
                if one["count"] or filters[name] == str(one["value"])
            ],
        }
        for name, title in titles.items()
    ]


def chips_of(filters: dict[str, str], address: Address) -> list[dict[str, str]]:
    return [{"text": _said(name, value), "href": address.but(**{name: ""})} for name, value in filters.items() if value]


def sorts() -> list[tuple[str, str]]:
    """The first is what happens by itself: without words, the most taken."""
    return [
        ("", _("Best match")),
        ("popular", _("Most taken")),
        ("newest", _("Newest")),
        ("rating", _("Best rated")),
        ("duration", _("Shortest")),
        ("title", _("Title")),
    ]
