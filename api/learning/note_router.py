"""My notes and bookmarks."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.identity.deps import LearnerDep
from api.learning import bookmarks, notes
from api.learning.note_schemas import AtS, BookmarkIn, BookmarkList, NoteChange, NoteIn, NoteOut, NotePage
from api.learning.schemas import ID

router = APIRouter(tags=["learning"])
Filter = Annotated[uuid.UUID | None, Query(examples=[ID])]


@router.get("/notes", operation_id="myNotes", summary="My notes", responses=problems(401))
async def my_notes(
    me: LearnerDep,
    reader: ReaderDep,
    course_id: Filter = None,
    module_id: Filter = None,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> NotePage:
    """The newest first, of all courses or of one, or of one module. They stay when I leave the course."""
    asked = {"course_id": course_id, "module_id": module_id}
    items, following = await notes.notes(
        reader, person_id=me.person_id, **asked, search=search, limit=limit, cursor=cursor
    )
    return NotePage.model_validate({"items": items, "next": following})


@router.post(
    "/notes",
    status_code=201,
    operation_id="keepNote",
    summary="Keep a note",
    responses={200: {"model": NoteOut, "description": "Kept already"}, **problems(*BODY, 401, 404, 409)},
)
async def keep_note(body: NoteIn, me: LearnerDep, session: SessionDep, response: Response) -> NoteOut:
    """Nobody else reads it. Idempotent by `id`; a deleted note may be sent again."""
    note, is_new = await notes.keep_note(session, person_id=me.person_id, given=body)
    response.status_code = 201 if is_new else 200
    return NoteOut.model_validate(note)


@router.put("/notes/{note_id}", operation_id="changeNote", summary="Change a note", responses=problems(*BODY, 401, 404))
async def change_note(note_id: uuid.UUID, body: NoteChange, me: LearnerDep, session: SessionDep) -> NoteOut:
    return NoteOut.model_validate(await notes.change_note(session, person_id=me.person_id, note_id=note_id, given=body))


@router.delete(
    "/notes/{note_id}",
    status_code=204,
    operation_id="deleteNote",
    summary="Delete a note",
    responses=problems(401),
)
async def delete_note(note_id: uuid.UUID, me: LearnerDep, session: SessionDep) -> None:
    """Gone for good. Twice is once."""
    await notes.delete_note(session, person_id=me.person_id, note_id=note_id)


@router.get("/bookmarks", operation_id="myBookmarks", summary="My bookmarks", responses=problems(401))
async def my_bookmarks(me: LearnerDep, reader: ReaderDep, course_id: Filter = None) -> BookmarkList:
    items = await bookmarks.bookmarks(reader, person_id=me.person_id, course_id=course_id)
    return BookmarkList.model_validate({"items": items})


@router.put(
    "/bookmarks",
    status_code=204,
    operation_id="setBookmark",
    summary="Bookmark a course or a place in it",
    responses=problems(*BODY, 401, 404),
)
async def set_bookmark(body: BookmarkIn, me: LearnerDep, session: SessionDep) -> None:
    """Any course that is offered; a module, or a place in its video, of those that I learn. Twice is once."""
    await bookmarks.set_bookmark(session, person_id=me.person_id, given=body)


@router.delete(
    "/bookmarks",
    status_code=204,
    operation_id="deleteBookmark",
    summary="Take a bookmark away",
    responses=problems(401),
)
async def delete_bookmark(
    me: LearnerDep,
    session: SessionDep,
    course_id: Annotated[uuid.UUID, Query(examples=[ID])],
    module_id: Filter = None,
    at_s: Annotated[AtS, Query()] = None,
) -> None:
    """Exactly this one. Twice is once."""
    given = BookmarkIn(course_id=course_id, module_id=module_id, at_s=at_s)
    await bookmarks.delete_bookmark(session, person_id=me.person_id, given=given)
