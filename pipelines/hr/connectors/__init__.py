"""One small connector a kind of HR system; they all give a `Delivery`. A new kind is one line in KINDS."""

from importlib import import_module
from typing import cast

from pydantic import ValidationError

from pipelines.hr.connectors.base import Connector, Place
from pipelines.hr.mapping import MappingError

KINDS = {
    "folder": "pipelines.hr.connectors.files:Folder",
    "sftp": "pipelines.hr.connectors.files:Sftp",
    "s3": "pipelines.hr.connectors.files:S3",
    "rest": "pipelines.hr.connectors.rest:Rest",
    "workday": "pipelines.hr.connectors.workday:Workday",
    "bamboohr": "pipelines.hr.connectors.bamboohr:BambooHR",
    "successfactors": "pipelines.hr.connectors.successfactors:SuccessFactors",
    "personio": "pipelines.hr.connectors.personio:Personio",
}
"""Named, not imported: each brings libraries along that only its own sources need."""


def connector(place: Place) -> Connector:
    """The connector that the mapping names, with its options; MappingError where they are wrong."""
    given = place.mapping.connector
    kind = given.get("kind", "")
    if kind not in KINDS:
        raise MappingError(f"{place.source}: connector kind {kind!r} is none of {', '.join(sorted(KINDS))}.")
    module, _, name = KINDS[kind].partition(":")
    made = cast("type[Connector]", getattr(import_module(module), name))
    try:
        secrets = place.folder.parent.parent / "secrets"
        options = made.Options.model_validate(given, context={"secrets": secrets})
    except ValidationError as error:
        raise MappingError(f"{place.source}: {error}") from error
    return made(place, options)
