"""The places that files may be sent to: names that the operator wrote into a file, never what somebody types.

Here is only which names there are and for whom; how each is reached, the pipelines read for themselves.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import yaml

from api.core.errors import Unavailable
from api.core.settings import Settings
from api.identity.rules import GRANTABLE

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
MAIL = "mail"


class TargetsMisconfigured(Unavailable):
    """Never with a value of the file in it: some are secret."""

    title = "report-targets.yml is not right"


@dataclass(frozen=True, slots=True)
class Target:
    """`options` are all that the file says of it besides."""

    name: str
    title: str
    roles: frozenset[str]
    options: dict[str, Any]


def targets(settings: Settings) -> dict[str, Target]:
    """By name; none without a file. Read at each call, so that a change needs no restart."""
    path = settings.home / "report-targets.yml"
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise TargetsMisconfigured("It can't be read: whoever runs Praxis puts it right.") from error
    if not isinstance(told, dict):
        raise TargetsMisconfigured("Each target is written under its name.")
    return {str(name): _target(str(name), given) for name, given in told.items()}


def _target(name: str, given: Any) -> Target:
    if not NAME.fullmatch(name) or name == MAIL:
        raise TargetsMisconfigured(f"{name!r} is no name: small letters, digits and -, not mail.")
    if not isinstance(given, dict):
        raise TargetsMisconfigured(f"{name}: say its kind, sftp or s3, and how it is reached.")
    options = {**given}
    roles = options.pop("roles", ["officer"])
    if not isinstance(roles, list) or not set(roles) <= (GRANTABLE | {"manager"}):
        raise TargetsMisconfigured(f"{name}: roles is a list, such as [officer].")
    return Target(name, str(options.pop("title", name)), frozenset(roles), options)


def offered(settings: Settings, roles: Collection[str]) -> list[Target]:
    """Those to which somebody in these roles may send."""
    return [target for target in targets(settings).values() if target.roles & set(roles)]
