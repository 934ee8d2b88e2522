"""What other domains call."""

from api.courses.authors import authored_course, authored_ids, co_authors, is_author, set_co_authors
from api.courses.drafts import begin_draft, course_draft, create_course, update_course
from api.courses.publish import publish_course
from api.courses.versions import draft_version, load_version

__all__ = [
    "authored_course",
    "authored_ids",
    "begin_draft",
    "co_authors",
    "course_draft",
    "create_course",
    "draft_version",
    "is_author",
    "load_version",
    "publish_course",
    "set_co_authors",
    "update_course",
]
