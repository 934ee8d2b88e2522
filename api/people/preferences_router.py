"""My language and my time zone."""

from fastapi import APIRouter

from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.identity.deps import PrincipalDep
from api.people.preferences import Preferences, choose, preferences_of
from api.people.schemas import SettingsIn, SettingsOut

router = APIRouter(tags=["people"])


@router.get("/me/settings", operation_id="mySettings", summary="My language and time zone", responses=problems(401))
async def my_settings(me: PrincipalDep, reader: ReaderDep) -> SettingsOut:
    return SettingsOut.model_validate(await preferences_of(reader, me.person_id), from_attributes=True)


@router.put(
    "/me/settings",
    operation_id="setMySettings",
    summary="Choose my language and time zone",
    responses=problems(*BODY, 401),
)
async def set_my_settings(body: SettingsIn, me: PrincipalDep, session: SessionDep) -> SettingsOut:
    """What is left out stays. Null asks for the browser's language again."""
    known = await preferences_of(session, me.person_id)
    given = {name: getattr(body, name) for name in body.model_fields_set}
    wanted = Preferences(**({"language": known.language, "time_zone": known.time_zone} | given))
    return SettingsOut.model_validate(await choose(session, me.person_id, wanted), from_attributes=True)
