"""The interface's languages (gettext by Babel) and how each writes dates, numbers and durations.

A language is a file: `locales/<language>/messages.po`; English is written in the code. docs/languages.md says how to
add one.
"""

import functools
import io
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError, dates, negotiate_locale, numbers, support
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
SOURCE = "en"
"""What the messages in the code are written in."""

CONTINENTS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@functools.cache
def languages() -> dict[str, str]:
    """Code and own name of each language that there is: {"en": "English", "de": "Deutsch"}."""
    codes = [SOURCE, *sorted(path.parent.name for path in LOCALES.glob("*/messages.po"))]
    return {code: str(Locale.parse(code).get_display_name(code)).capitalize() for code in codes}


@functools.cache
def _translations(language: str) -> support.NullTranslations:
    path = LOCALES / language / "messages.po"
    if language == SOURCE or not path.is_file():
        return support.NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return support.Translations(compiled)


@functools.cache
def messages(language: str) -> dict[str, str | list[str]]:
    """What pages' scripts translate by: message to its translation, plurals as a list. Empty for English."""
    path = LOCALES / language / "messages.po"
    if language == SOURCE or not path.is_file():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    return {
        (one.id if isinstance(one.id, str) else one.id[0]): one.string
        if isinstance(one.string, str)
        else list(one.string)
        for one in catalog
        if one.id and one.string and any(".js" in place for place, _ in one.locations)
    }


def accepted_language(header: str) -> str:
    """The best of ours for an Accept-Language header; English where none fits."""
    asked = []
    for part in header[:500].split(","):
        code, _, quality = part.strip().partition(";q=")
        try:
            asked.append((-float(quality or 1), code.replace("-", "_")))
        except ValueError:
            continue
    asked.sort(key=lambda one: one[0])
    return negotiate_locale([code for _, code in asked], list(languages())) or SOURCE


def is_time_zone(name: str) -> bool:
    return name in _zones()


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@functools.cache
def zones_by_continent() -> dict[str, list[str]]:
    """The time zones that places have, for a list to choose from; UTC is beside them."""
    told: dict[str, list[str]] = {}
    for name in sorted(_zones()):
        if name.split("/")[0] in CONTINENTS and name.count("/"):
            told.setdefault(name.split("/")[0], []).append(name)
    return told


@dataclass(frozen=True, slots=True)
class Wording:
    """How one reader is written to: their language and their time zone (IANA name)."""

    language: str = SOURCE
    time_zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        try:
            # English as most of the world writes it: the day before the month.
            return Locale.parse("en_GB" if self.language == "en" else self.language)
        except (UnknownLocaleError, ValueError):
            return Locale.parse("en_GB")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone if is_time_zone(self.time_zone) else "UTC")

    def gettext(self, message: str) -> str:
        return str(_translations(self.language).ugettext(message))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return str(_translations(self.language).ungettext(one, many, count))

    def pgettext(self, context: str, message: str) -> str:
        return str(_translations(self.language).pgettext(context, message))

    def day(self, value: date | datetime, form: str = "medium") -> str:
        """A date; of a moment, the day that it was for the reader."""
        if isinstance(value, datetime):
            value = value.astimezone(self.zone).date()
        return str(dates.format_date(value, form, locale=self.locale))

    def moment(self, value: datetime, form: str = "medium") -> str:
        """Day, hour and minute for the reader."""
        return f"{self.day(value, form)}, {self.clock(value)}"

    def clock(self, value: datetime) -> str:
        """Hour and minute for the reader."""
        return str(dates.format_time(value.astimezone(self.zone), "short", tzinfo=self.zone, locale=self.locale))

    def number(self, value: float) -> str:
        return str(numbers.format_decimal(value, locale=self.locale))

    def percent(self, value: float) -> str:
        """`value` in percent already: 40 is 40 %."""
        return str(numbers.format_percent(value / 100, locale=self.locale))

    def duration(self, seconds: float) -> str:
        """As people say it: whole minutes, from an hour on hours and minutes."""
        minutes = max(1, round(seconds / 60)) if seconds > 0 else 0
        if minutes < 60:
            return self.gettext("{minutes} min").format(minutes=minutes)
        hours, rest = divmod(minutes, 60)
        told = self.gettext("{hours} h {minutes} min") if rest else self.gettext("{hours} h")
        return told.format(hours=hours, minutes=rest)

    @staticmethod
    def place(seconds: float) -> str:
        """In a video: 1:02:03 or 2:03."""
        minutes, rest = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def days_away(self, value: date, today: date | None = None) -> int:
        return (value - (today or datetime.now(UTC).astimezone(self.zone).date())).days


_current: ContextVar[Wording] = ContextVar("wording", default=Wording())  # noqa: B039 (frozen)


def wording() -> Wording:
    """Of the page that is being made now."""
    return _current.get()


def use(told: Wording) -> None:
    """For the rest of this request or job."""
    _current.set(told)


def gettext(message: str) -> str:
    """`message` in the language of who reads now. Fill placeholders after: gettext("{n} days").format(n=3)."""
    return wording().gettext(message)


def later(message: str) -> str:
    """Marks a message that is translated where it is shown, by gettext of a name."""
    return message


def ngettext(one: str, many: str, count: int) -> str:
    return wording().ngettext(one, many, count)
