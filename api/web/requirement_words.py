"""A requirement's rule out of the page's form, and in words."""

from typing import Any

import msgspec

from api.core.i18n import gettext as _
from api.core.i18n import ngettext, wording


def _words(typed: str) -> list[str]:
    return [word.strip() for word in typed.split(",") if word.strip()]


def rule_of(form: dict[str, Any]) -> dict[str, Any]:
    """Units, jobs and countries, each one of those named, and not these jobs; or the rule itself as JSON."""
    if form.get("rule", "").strip():
        told = msgspec.json.decode(form["rule"])
        return told if isinstance(told, dict) else {"all": told}
    said: list[dict[str, Any]] = []
    if form.get("units"):
        said.append({"units": form["units"]})
    said += [{name: _words(form[name])} for name in ("jobs", "countries") if _words(form.get(name, ""))]
    if _words(form.get("not_jobs", "")):
        said.append({"not": {"jobs": _words(form["not_jobs"])}})
    hired = {key: form[f"hired_{key}"] for key in ("from", "before") if form.get(f"hired_{key}")}
    said += [{"hired": hired}] if hired else []
    return {} if not said else said[0] if len(said) == 1 else {"all": said}


def audience_in_words(rule: dict[str, Any], units: dict[str, str]) -> str:
    """For reading, not for reading back: everyone; Plant North and DE; not Cook."""
    if "all" in rule:
        return " · ".join(audience_in_words(one, units) for one in rule["all"])
    if "any" in rule:
        return _("one of") + " (" + " | ".join(audience_in_words(one, units) for one in rule["any"]) + ")"
    if "not" in rule:
        return _("not") + " " + audience_in_words(rule["not"], units)
    if "units" in rule:
        return ", ".join(units.get(one, one) for one in rule["units"])
    if "hired" in rule:
        told = [rule["hired"].get("from", ""), rule["hired"].get("before", "")]
        return _("hired") + " " + " – ".join(told)
    named = rule.get("jobs") or rule.get("countries")
    return ", ".join(named) if named else _("everyone")


def in_words(one: dict[str, Any], units: dict[str, str]) -> dict[str, str]:
    """Who, until when, how often."""
    days = ngettext("{n} day", "{n} days", one["due_within_days"]).format(n=one["due_within_days"])
    due = {
        "hire": _("after the first day of work"),
        "move": _("after coming into the audience"),
        "publication": _("after the requirement began"),
    }
    again = ""
    if one["every_months"]:
        again = ngettext("each month", "every {n} months", one["every_months"]).format(n=one["every_months"])
    told = f"{days} {due[one['due_from']]}" if one["due_day"] is None else wording().day(one["due_day"])
    return {"who": audience_in_words(one["audience"], units), "due": told, "again": again}
