"""What a source's files mean: one small YAML a source, so that a new HR system needs no code."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from api.people.service import Limit, Limits

MAPPINGS = Path(__file__).parent / "mappings"


class MappingError(ValueError):
    """The mapping file itself is wrong; the message says where."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class FieldMap(Strict):
    """Where a value comes from and what is done to it, in this order."""

    column: str | None = None
    constant: str | None = None
    after: str | None = Field(default=None, description="Keep what stands behind the last of these characters.")
    last_first: bool = Field(default=False, description="'Last, First M' becomes 'First M Last'.")
    date: str | None = Field(default=None, description="strptime format.")
    values: dict[str, str | None] | None = Field(default=None, description="Replace these values; others stay.")


def _short(value: object) -> object:
    """`field: Column` is short for `field: {column: Column}`."""
    return {"column": value} if isinstance(value, str) else value


Mapped = Annotated[FieldMap, BeforeValidator(_short)]


class ManagerMap(Strict):
    """How a line names its manager."""

    by: Literal["number", "name", "node"] = "number"
    column: str
    nobody: list[str] = Field(default_factory=list, description="Values that mean: no manager.")


class Join(Strict):
    file: str
    on: dict[str, str] = Field(description="column of the lines so far: column of this file")
    keep: list[str] = Field(description="Columns that are taken over.")


class Fields(Strict):
    employee_number: Mapped
    display_name: Mapped
    started_on: Mapped
    job_title: Mapped
    org_unit_code: Mapped
    org_unit_name: Mapped
    org_unit_parent_code: Mapped | None = None
    email: Mapped | None = None
    ended_on: Mapped | None = None
    location: Mapped | None = None
    country: Mapped | None = None
    cost_center: Mapped | None = None
    valid_from: Mapped | None = Field(
        default=None, description="For a source that tells its history: one line a stretch."
    )


class HoldLimit(Strict):
    share: float = Field(gt=0, le=1, description="More than this share at once waits for a decision.")
    least: int = Field(ge=0, description="Fewer than this never wait.")


class Hold(Strict):
    """What a source may change at once without anybody looking: what isn't named is api.people's own limit."""

    ends: HoldLimit | None = Field(None, description="Employments that end, of those there are.")
    orphans: HoldLimit | None = Field(None, description="People who lose their manager, of those who have one.")
    nulled: HoldLimit | None = Field(None, description="Values of a column that are emptied, of those there are.")
    halved: HoldLimit | None = Field(None, description="People whom a unit loses, of those in it and below.")
    refused: HoldLimit | None = Field(None, description="Rows that break the contract, of all.")
    cycles: bool = Field(True, description="False: only the people on a new circle of managers are kept out.")

    def limits(self) -> Limits:
        given = {name: Limit(told.share, told.least) for name, told in self if isinstance(told, HoldLimit)}
        return replace(Limits(), cycles=self.cycles, **given)


class Mapping(Strict):
    """One source. `files` maps a name to a pattern; the newest file that matches is taken."""

    connector: dict[str, Any] = Field(
        default_factory=lambda: {"kind": "folder"}, description="Where it comes from; pipelines.hr.connectors knows."
    )
    files: dict[str, str] = Field(default_factory=dict, description="Of a drop folder, here or elsewhere.")
    lines: str = Field(description="The file, or what was asked for, with one line a person (or a stretch).")
    encoding: str = "utf-8-sig"
    null: list[str] = Field(default_factory=lambda: ["", "NULL"])
    join: list[Join] = Field(default_factory=list)
    fields: Fields
    manager: ManagerMap | None = None
    write_back: dict[str, Any] | None = Field(default=None, description="The way back: pipelines.hr.write_back knows.")
    hold: Hold = Field(default_factory=Hold)


def load_mapping(folder: Path) -> Mapping:
    """`mapping.yml` in the drop folder, else the one that comes with Praxis under the folder's name."""
    own, ours = folder / "mapping.yml", MAPPINGS / f"{folder.name}.yml"
    path = own if own.exists() else ours
    if not path.exists():
        raise MappingError(f"There is no mapping for {folder.name}: write {own}, docs/hr.md shows how.")
    try:
        return Mapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise MappingError(f"{path.name}: {error}") from error
