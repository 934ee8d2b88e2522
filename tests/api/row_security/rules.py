"""Each route with the people whom its answer may name, and what to ask it for; one without a line fails the test."""

import uuid
from collections.abc import Callable

from tests.api.row_security.asking import (
    NOBODYS,
    OF_BUNDLE,
    Requests,
    body,
    comment_of_somebody,
    compliance,
    course_figures,
    note_of_somebody,
    obligations_of_person,
    page_of_course,
    path_of_nobody,
    path_of_person,
    plain,
    report_of_nobody,
    reports,
    requirement_of_nobody,
    waiver_of_nobody,
    with_course,
)
from tests.api.row_security.company import Structure

Rule = Callable[[Structure, int], set[int]]


def nobody(_: Structure, __: int) -> set[int]:
    return set()


def self_only(_: Structure, n: int) -> set[int]:
    return {n}


def seen(told: Structure, n: int) -> set[int]:
    return told.sees(n)


def seen_or_self(told: Structure, n: int) -> set[int]:
    """Requests to decide are of those whom one leads, or of those below a unit whom nobody leads; and one's own."""
    return told.sees(n) | {n}


def partners(told: Structure, n: int) -> set[int]:
    """Those who gave the caller a delegation, or got one."""
    return {n} | {other for pair in told.delegations for other in pair[:2] if n in pair[:2]}


def me_and_delegators(told: Structure, n: int) -> set[int]:
    return {n} | {by for by, to, live in told.delegations if to == n and live} & told.active


def granted(told: Structure, n: int) -> set[int]:
    """Roles are read by officers, auditors and HR data, as far as these reach."""
    return told.reached(n, "officer", "auditor", "hr_data") | (
        set(range(len(told.manager))) if told.is_whole(n, "officer", "auditor", "hr_data") else set()
    )


def officers(told: Structure, n: int) -> set[int]:
    """As far as the caller's role of an officer reaches; of extra time."""
    return told.reached(n, "officer") | (set(range(len(told.manager))) if told.is_whole(n, "officer") else set())


def officers_and_auditors(told: Structure, n: int) -> set[int]:
    whole = told.is_whole(n, "officer", "auditor")
    return told.reached(n, "officer", "auditor") | (set(range(len(told.manager))) if whole else set())


def officers_and_self(told: Structure, n: int) -> set[int]:
    """The page has the name of who reads it."""
    return officers(told, n) | {n}


def lined(told: Structure, n: int) -> set[int]:
    """Dotted lines of people whom officers and HR data reach, with the managers they go to."""
    mine = told.reached(n, "officer", "hr_data")
    everybody = told.is_whole(n, "officer", "hr_data")
    return (
        mine
        | {to for person, to, _ in told.dotted if everybody or person in mine}
        | (granted(told, n) if everybody else set())
    )


def audited(told: Structure, n: int) -> set[int]:
    """The log speaks of the whole company, to officers and auditors of the whole company."""
    return set(range(len(told.manager))) if told.is_whole(n, "officer", "auditor") else set()


def co_authored(_: Structure, n: int) -> set[int]:
    """The caller's own courses only; in this company nobody writes with anybody."""
    return {n}


def fellows(told: Structure, n: int) -> set[int]:
    """In this company everybody learns the one course, and reads by name who says something about it."""
    return set(range(len(told.manager))) if n < len(told.manager) else set()


def authors(_: Structure, n: int) -> set[int]:
    """A course's page says whose it is; in this company the first one wrote it."""
    return {n, 0}


RULES: dict[str, tuple[Rule, Requests]] = {
    "GET /health/live": (nobody, plain),
    "GET /health/ready": (nobody, plain),
    "GET /oauth/jwks": (nobody, plain),
    "GET /.well-known/oauth-authorization-server": (nobody, plain),
    "GET /.well-known/openid-configuration": (nobody, plain),
    "POST /oauth/token": (nobody, plain),
    "POST /oauth/revoke": (nobody, plain),
    "POST /oauth/backchannel-logout": (nobody, plain),
    "POST /oauth/introspect": (nobody, plain),
    "GET /docs": (nobody, plain),
    "GET /docs/oauth2-redirect": (nobody, plain),
    "GET /sign-in/company": (nobody, plain),
    "GET /sign-in/company/callback": (nobody, plain),
    "GET /sign-in/company/signed-out": (nobody, plain),
    "GET /oauth/userinfo": (self_only, plain),
    "POST /oauth/userinfo": (self_only, plain),
    "GET /sign-in": (nobody, plain),
    "POST /sign-in": (nobody, plain),
    "POST /sign-out": (nobody, plain),
    "GET /oauth/logout": (nobody, plain),
    "POST /oauth/logout": (nobody, plain),
    "GET /oauth/authorize": (nobody, plain),
    "POST /oauth/authorize": (nobody, plain),
    "GET /account": (partners, plain),
    "GET /me/notifications": (self_only, plain),
    "POST /me/notifications/read": (nobody, body(lambda asked: {"ids": [asked.person()]})),
    "GET /me/notification-choices": (nobody, plain),
    "PUT /me/notification-choices": (nobody, body(lambda _: {"digest": "off"})),
    "GET /notifications": (self_only, plain),
    "POST /notifications/read": (nobody, plain),
    "GET /notifications/choices": (self_only, plain),
    "POST /notifications/choices": (nobody, plain),
    "GET /notifications/{notification_id}": (nobody, lambda asked: [{"path": {"notification_id": asked.person()}}]),
    "GET /unsubscribe/{token}": (nobody, lambda asked: [{"path": {"token": f"{asked.person()}.all.x"}}]),
    "POST /unsubscribe/{token}": (nobody, lambda asked: [{"path": {"token": f"{asked.person()}.all.x"}}]),
    "POST /account/password": (partners, plain),
    "POST /account/preferences": (partners, plain),
    "POST /account/sessions/end": (partners, plain),
    "POST /account/delegations": (partners, plain),
    "POST /account/delegations/end": (partners, plain),
    "GET /media-uses": (nobody, plain),
    "GET /catalogue": (self_only, plain),
    "GET /studio": (self_only, plain),
    "GET /studio/courses/{course_id}": (self_only, page_of_course),
    "GET /studio/media": (self_only, plain),
    "GET /studio/banks": (self_only, plain),
    "GET /studio/banks/{bank_id}": (self_only, page_of_course),
    "GET /studio/courses/{course_id}/modules/{module_id}": (self_only, page_of_course),
    "GET /studio/courses/{course_id}/publish": (self_only, page_of_course),
    "GET /studio/courses/{course_id}/versions": (self_only, page_of_course),
    "GET /studio/courses/{course_id}/diff": (self_only, page_of_course),
    "GET /studio/courses/{course_id}/preview": (self_only, page_of_course),
    "GET /audit-log": (
        audited,
        lambda asked: [{}, {"params": {"format": "csv"}}, {"params": {"actor": asked.person()}}],
    ),
    "GET /me": (me_and_delegators, plain),
    "GET /org-units": (nobody, plain),
    "GET /delegations": (partners, plain),
    "POST /delegations": (
        partners,
        body(lambda asked: {"person_id": asked.person(), "valid_until": "2000-01-01T00:00:00Z"}),
    ),
    "DELETE /delegations/{id}": (nobody, path_of_person),
    "GET /dotted-lines": (lined, lambda asked: [{}, {"params": {"person_id": asked.person()}}]),
    "POST /dotted-lines": (
        lined,
        body(lambda asked: {"person_id": asked.person(), "manager_id": asked.person(), "valid_to": "2000-01-01"}),
    ),
    "DELETE /dotted-lines/{id}": (nobody, path_of_person),
    "GET /role-grants": (granted, plain),
    "POST /role-grants": (
        nobody,
        body(lambda asked: {"person_id": asked.person(), "role": "officer", "valid_until": "2000-01-01T00:00:00Z"}),
    ),
    "DELETE /role-grants/{id}": (nobody, path_of_person),
    "GET /hr/sources": (nobody, plain),
    "GET /hr/imports": (nobody, plain),
    "GET /hr/imports/{id}": (nobody, path_of_person),
    "POST /hr/imports/{id}/approve": (
        nobody,
        lambda asked: [{"path": {"id": asked.person()}, "json": {"diff_checksum": "0" * 64}}],
    ),
    "POST /hr/imports/{id}/reject": (nobody, lambda asked: [{"path": {"id": asked.person()}, "json": {}}]),
    "GET /hr/write-back": (nobody, plain),
    "POST /hr/write-back/{id}/retry": (nobody, path_of_person),
    "GET /hr/quarantine": (nobody, lambda _: [{}, {"params": {"healed": "true"}}]),
    "GET /courses": (nobody, plain),
    "POST /create-course": (nobody, body(lambda asked: {"id": asked.course, "title": "Mine"})),
    "POST /publish-course": (nobody, body(lambda asked: {"course_id": asked.course})),
    "GET /course-draft": (nobody, with_course),
    "PUT /update-course": (
        nobody,
        body(lambda asked: {"course_id": asked.course, "title": "Mine", "sections": [], "modules": []}),
    ),
    "POST /course-drafts": (nobody, body(lambda asked: {"course_id": asked.course})),
    "GET /courses/{course_id}": (nobody, lambda asked: [{"path": {"course_id": asked.course}}]),
    "GET /publish-preview": (nobody, with_course),
    "POST /unpublish-course": (nobody, body(lambda asked: {"course_id": asked.course, "is_schedule_only": True})),
    "POST /archive-course": (nobody, body(lambda _: {"course_id": "0"})),
    "POST /restore-course": (nobody, body(lambda asked: {"course_id": asked.course})),
    "GET /course-versions": (co_authored, with_course),
    "GET /course-diff": (nobody, with_course),
    "GET /authored-courses": (nobody, plain),
    "POST /render-markdown": (nobody, body(lambda _: {"text": "*Hello*"})),
    "GET /course-authors": (co_authored, with_course),
    "PUT /course-authors": (co_authored, body(lambda asked: {"course_id": asked.course, "emails": []})),
    "GET /question-banks": (co_authored, plain),
    "POST /question-banks": (co_authored, body(lambda asked: {"id": asked.course, "title": "Mine"})),
    "GET /question-banks/{bank_id}": (co_authored, lambda asked: [{"path": {"bank_id": asked.course}}]),
    "PUT /question-banks/{bank_id}": (
        co_authored,
        lambda asked: [{"path": {"bank_id": asked.course}, "json": {"title": "Mine"}}],
    ),
    "DELETE /question-banks/{bank_id}": (nobody, lambda asked: [{"path": {"bank_id": asked.module}}]),
    "GET /bank-items": (nobody, lambda asked: [{"params": {"bank_id": asked.course}}]),
    "POST /bank-items": (nobody, body(lambda asked: {"bank_id": asked.course, "prompt": "?"})),
    "PUT /bank-items/{item_id}": (
        nobody,
        lambda asked: [{"path": {"item_id": asked.course}, "json": {"prompt": "?"}}],
    ),
    "DELETE /bank-items/{item_id}": (nobody, lambda asked: [{"path": {"item_id": asked.course}}]),
    "POST /quiz-attempts": (
        self_only,
        body(lambda asked: {"course_id": asked.course, "module_id": asked.module, "id": asked.person()}),
    ),
    "GET /quiz-attempts": (
        self_only,
        lambda asked: [{"params": {"course_id": asked.course, "module_id": asked.module}}],
    ),
    "PUT /quiz-answers": (
        self_only,
        body(
            lambda asked: {
                **{"course_id": asked.course, "module_id": asked.module, "attempt_id": asked.person()},
                **{"question_id": asked.module, "revision": 1},
            }
        ),
    ),
    "GET /requirements": (nobody, plain),
    "POST /requirements": (nobody, body(lambda _: {"course_id": NOBODYS})),
    "POST /requirements/preview": (officers, body(lambda asked: {"course_id": asked.course})),
    "POST /requirements/{requirement_id}/end": (nobody, requirement_of_nobody),
    "GET /waivers": (officers_and_auditors, plain),
    "POST /waivers": (
        nobody,
        body(lambda asked: {"person_id": asked.person(), "requirement_id": NOBODYS, "reason": "Away"}),
    ),
    "POST /waivers/{waiver_id}/end": (nobody, waiver_of_nobody),
    "GET /people/{person_id}/obligations": (nobody, obligations_of_person),
    "GET /officer/requirements": (officers_and_self, plain),
    "POST /officer/requirements": (officers_and_self, plain),
    "POST /officer/requirements/preview": (officers_and_self, plain),
    "POST /officer/requirements/end": (officers_and_self, plain),
    "POST /officer/requirements/waive": (officers_and_self, plain),
    "POST /officer/requirements/end-waiver": (officers_and_self, plain),
    "GET /extra-time": (officers, plain),
    "GET /officer/extra-time": (officers_and_self, plain),
    "POST /officer/extra-time": (officers_and_self, plain),
    "POST /officer/extra-time/remove": (officers_and_self, plain),
    "PUT /extra-time": (nobody, body(lambda asked: {"person_id": asked.person(), "percent": 25})),
    "POST /quiz-previews": (nobody, body(lambda asked: {"module_id": asked.module})),
    "POST /enroll": (self_only, body(lambda asked: {"course_id": asked.course})),
    "POST /withdraw": (nobody, body(lambda _: {"course_id": NOBODYS})),
    "GET /enrollment-requests": (seen_or_self, lambda _: [{}, {"params": {"mine": "true"}}]),
    "POST /decide-enrollment": (nobody, body(lambda _: {"request_id": NOBODYS, "decision": "approve"})),
    "GET /course-settings": (nobody, with_course),
    "PUT /course-settings": (nobody, body(lambda asked: {"course_id": asked.course})),
    "GET /me/settings": (nobody, plain),
    "PUT /me/settings": (nobody, body(lambda _: {})),
    "GET /learn/{course_id}/{module_id}": (self_only, page_of_course),
    "GET /me/home": (self_only, plain),
    "GET /": (self_only, plain),
    "GET /home": (self_only, plain),
    "GET /learn/{course_id}": (authors, page_of_course),
    "GET /progress": (self_only, plain),
    "POST /progress": (
        self_only,
        body(lambda asked: {"course_id": asked.course, "module_id": asked.module, "percent": 10}),
    ),
    "GET /course-content": (self_only, with_course),
    "POST /play-sessions": (
        self_only,
        body(lambda asked: {"course_id": asked.course, "module_id": asked.module}),
    ),
    "POST /engagement": (self_only, body(lambda _: {"events": []})),
    "GET /certificate": (self_only, with_course),
    "GET /me/certificates": (self_only, plain),
    "GET /certificates/{code}": (nobody, lambda asked: [{"path": {"code": asked.person()}}]),
    "GET /certificates/{code}/credential": (nobody, lambda asked: [{"path": {"code": asked.person()}}]),
    "GET /issuer": (nobody, plain),
    "GET /verify": (nobody, plain),
    "GET /verify/{code}": (nobody, lambda asked: [{"path": {"code": asked.person()}}]),
    "GET /my/certificates": (self_only, plain),
    "POST /my/certificates/renew": (self_only, lambda asked: [{"data": {"course_id": asked.course}}]),
    "GET /credential-status/{number}": (nobody, lambda _: [{"path": {"number": "0"}}]),
    "POST /revoke-certificate": (nobody, body(lambda asked: {"code": asked.person()[:30], "reason": "A test."})),
    "GET /learning-paths": (nobody, plain),
    "GET /learning-paths/{path_id}": (nobody, path_of_nobody),
    "POST /enroll-path": (nobody, body(lambda _: {"path_id": NOBODYS})),
    "POST /withdraw-path": (nobody, body(lambda _: {"path_id": NOBODYS})),
    "GET /authored-paths": (nobody, plain),
    "GET /authored-paths/{path_id}": (nobody, path_of_nobody),
    "POST /create-path": (nobody, body(lambda asked: {"title": "Mine", "items": [{"course_id": asked.course}]})),
    "PUT /update-path": (nobody, body(lambda _: {"path_id": NOBODYS, "title": "Mine"})),
    "POST /publish-path": (nobody, body(lambda _: {"path_id": NOBODYS})),
    "POST /archive-path": (nobody, body(lambda _: {"path_id": NOBODYS})),
    "GET /paths": (self_only, plain),
    "GET /paths/{path_id}": (self_only, path_of_nobody),
    "POST /paths/{path_id}/{what}": (self_only, path_of_nobody),
    "GET /team/requests": (seen_or_self, plain),
    "POST /team/requests": (seen_or_self, plain),
    "POST /team/requests/withdraw": (seen_or_self, plain),
    "GET /studio/paths": (self_only, plain),
    "GET /studio/paths/{path_id}": (self_only, path_of_nobody),
    "GET /studio/courses/{course_id}/enrolment": (self_only, page_of_course),
    "GET /media-assets": (nobody, plain),
    "GET /media-assets/{asset_id}": (nobody, lambda _: [{"path": {"asset_id": NOBODYS}}]),
    "DELETE /media-assets/{asset_id}": (nobody, lambda _: [{"path": {"asset_id": NOBODYS}}]),
    "POST /upload-video": (nobody, lambda _: [{"content": b"not a file"}]),
    "HEAD /upload-video/{upload_id}": (nobody, lambda _: [{"path": {"upload_id": NOBODYS}}]),
    "PATCH /upload-video/{upload_id}": (nobody, lambda _: [{"path": {"upload_id": NOBODYS}}]),
    "DELETE /upload-video/{upload_id}": (nobody, lambda _: [{"path": {"upload_id": NOBODYS}}]),
    "POST /upload-material": (nobody, lambda _: [{"content": b"not a file"}]),
    "HEAD /upload-material/{upload_id}": (nobody, lambda _: [{"path": {"upload_id": NOBODYS}}]),
    "PATCH /upload-material/{upload_id}": (nobody, lambda _: [{"path": {"upload_id": NOBODYS}}]),
    "DELETE /upload-material/{upload_id}": (nobody, lambda _: [{"path": {"upload_id": NOBODYS}}]),
    "OPTIONS /upload-video": (nobody, plain),
    "OPTIONS /upload-material": (nobody, plain),
    "GET /media/{bundle}/{signed}/{path:path}": (nobody, lambda _: [OF_BUNDLE]),
    "HEAD /media/{bundle}/{signed}/{path:path}": (nobody, lambda _: [OF_BUNDLE]),
    "OPTIONS /media/{path:path}": (nobody, lambda _: [OF_BUNDLE]),
    "GET /media/{sha256}": (nobody, lambda _: [{"path": {"sha256": "0" * 64}}]),
    "HEAD /media/{sha256}": (nobody, lambda _: [{"path": {"sha256": "0" * 64}}]),
    "GET /package-files/{bundle}/{signed}/{path:path}": (nobody, lambda _: [OF_BUNDLE]),
    "HEAD /package-files/{bundle}/{signed}/{path:path}": (nobody, lambda _: [OF_BUNDLE]),
    "GET /package-frame": (nobody, plain),
    "GET /packages/{course_id}/{module_id}": (
        nobody,
        lambda asked: [
            {"path": {"course_id": asked.course, "module_id": asked.module}, "params": {"preview": preview}}
            for preview in ("true", "false")
        ],
    ),
    "GET /package-state": (
        self_only,
        lambda asked: [
            {"params": {"course_id": asked.course, "module_id": asked.module, "preview": preview}}
            for preview in ("true", "false")
        ],
    ),
    "PUT /package-state": (
        self_only,
        body(
            lambda asked: {
                **{"course_id": asked.course, "module_id": asked.module, "item": "one", "tab": asked.module},
                **{"base_revision": 0, "revision": 1, "cmi": {}, "is_finished": True},
            }
        ),
    ),
    "GET /live-attendance": (nobody, lambda asked: [{"params": {"module_id": asked.module}}]),
    "PUT /live-attendance": (
        nobody,
        body(
            lambda asked: {
                "module_id": asked.module,
                "people": [{"person_id": asked.person(), "status": "present"}],
            }
        ),
    ),
    "GET /live-calendar": (nobody, lambda asked: [{"params": {"module_id": asked.module}}]),
    "POST /cancel-transcode": (nobody, body(lambda asked: {"asset_id": asked.person()})),
    "POST /retry-transcode": (nobody, body(lambda asked: {"asset_id": asked.person()})),
    "GET /media-captions": (nobody, lambda asked: [{"params": {"asset_id": asked.person()}}]),
    "PUT /media-captions": (
        nobody,
        lambda asked: [{"params": {"asset_id": asked.person(), "language": "de", "label": "D"}, "content": "WEBVTT"}],
    ),
    "DELETE /media-captions": (
        nobody,
        lambda asked: [{"params": {"asset_id": asked.person(), "language": "de"}}],
    ),
    "GET /team-progress": (seen, reports),
    "GET /compliance-report": (seen, compliance),
    "POST /generate-report": (nobody, body(lambda _: {"format": "csv"})),
    "GET /reports": (nobody, plain),
    "GET /reports/{report_id}": (nobody, report_of_nobody),
    "POST /reports/{report_id}/cancel": (nobody, report_of_nobody),
    "GET /reports/{report_id}/file": (nobody, report_of_nobody),
    "PUT /course-ratings": (nobody, body(lambda asked: {"course_id": asked.course, "stars": 4})),
    "GET /course-ratings": (nobody, with_course),
    "GET /notes": (nobody, lambda asked: [{}, {"params": {"module_id": asked.module}}]),
    "POST /notes": (nobody, body(lambda asked: {"id": str(uuid.uuid4()), "module_id": asked.module, "text": "Mine."})),
    "PUT /notes/{note_id}": (nobody, note_of_somebody),
    "DELETE /notes/{note_id}": (nobody, note_of_somebody),
    "GET /my/notes": (self_only, plain),
    "GET /my/notes/export": (nobody, plain),
    "GET /bookmarks": (nobody, plain),
    "PUT /bookmarks": (nobody, body(lambda asked: {"course_id": asked.course, "module_id": asked.module})),
    "DELETE /bookmarks": (nobody, with_course),
    "GET /comments": (fellows, lambda asked: [{"params": {"module_id": asked.module}}]),
    "POST /comments": (
        self_only,
        body(lambda asked: {"id": str(uuid.uuid4()), "module_id": asked.module, "text": "!"}),
    ),
    "PUT /comments/{comment_id}": (nobody, comment_of_somebody),
    "DELETE /comments/{comment_id}": (nobody, comment_of_somebody),
    "PUT /comment-visibility": (nobody, body(lambda _: {"comment_id": NOBODYS, "is_hidden": True, "reason": "!"})),
    "PUT /comment-reports": (nobody, body(lambda _: {"comment_id": NOBODYS})),
    "GET /course-analytics": (nobody, course_figures),
    "GET /course-analytics-export": (
        nobody,
        lambda asked: [{"params": {"course_id": asked.course, "table": "breakdown"}}],
    ),
}
