"""The form of choices, as a browser sends it without a script."""

from collections.abc import Mapping

from api.notifications.rules import KINDS
from api.notifications.schemas import ChoicesIn


def choices_in(form: Mapping[str, str]) -> ChoicesIn:
    """ValueError where a time isn't one. A browser leaves out what isn't ticked."""
    is_quiet = "quiet" in form
    return ChoicesIn.model_validate(
        {
            "kinds": {
                kind: {"mail": f"mail.{kind}" in form} | ({} if rule.must_show else {"app": f"app.{kind}" in form})
                for kind, rule in KINDS.items()
            },
            "digest": form.get("digest"),
            "digest_at": form.get("digest_at") or None,
            "quiet_from": (form.get("quiet_from") or None) if is_quiet else None,
            "quiet_to": (form.get("quiet_to") or None) if is_quiet else None,
            "is_weekend_quiet": "is_weekend_quiet" in form,
        }
    )
