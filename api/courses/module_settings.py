"""What only one kind of module has, as `module.settings`."""

from datetime import datetime
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from api.courses.quiz_schemas import QuizSettings

Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]
Moment = Annotated[AwareDatetime, Field(ge=datetime.fromisoformat("2000-01-01T00:00:00Z"))]


class NoSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LiveSettings(BaseModel):
    """A session at a place or an address; the start is asked for before publishing."""

    model_config = ConfigDict(extra="forbid")

    starts_at: Moment | None = None
    ends_at: Moment | None = None
    time_zone: str = Field(default="UTC", max_length=60, description="IANA name, such as Europe/Berlin.")
    place: Place = Field(default="", description="A room, or the address of a call.")
    capacity: int | None = Field(default=None, ge=1, le=100_000)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.time_zone not in available_timezones():
            raise ValueError("time_zone: give an IANA name, such as Europe/Berlin")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        return self


OF_KIND: dict[str, type[BaseModel]] = {"quiz": QuizSettings, "live": LiveSettings}


def settings_of(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, checked and normalised for this kind; only what was said is kept."""
    try:
        checked = OF_KIND.get(kind, NoSettings).model_validate(given)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])) or kind}: {one['msg']}" for one in error.errors()[:5]]
        raise ValueError("; ".join(faults)) from None
    return checked.model_dump(mode="json", exclude_unset=True)
