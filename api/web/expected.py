"""What pages say of the refusals that people run into: the API's own sentence, in the reader's language.

A sentence is listed here so that it is translated; tests/api/core/test_i18n.py holds the list to the code.
"""

from api.core.errors import ProblemError
from api.core.i18n import gettext, later, ngettext, wording
from api.identity.guesses import TooManyGuesses

SENTENCES = (
    later("Not allowed"),
    later("Not found"),
    later("This account belongs to no employee, so it has no learning of its own."),
    later("There is no such course."),
    later("There is no published course with this id; GET /courses lists them."),
    later("E-mail or password is wrong."),
    later("The current password is wrong."),
    later("The two new passwords differ."),
    later("Passwords are not taken here: you sign in with your company account."),
    later("You act for yourself already: name somebody else."),
    later("Give an end in the future, at most a year from now."),
    later("Nobody reports to you today, so there is nothing to hand over."),
    later("There is no such delegation of yours."),
    later("This sign-in is over"),
    later("You are not signed in"),
    later("It was begun in another browser, too long ago, or is done."),
    later("Your account here is closed, as the HR system says that you don't work here now. Ask HR."),
    # what an application may ask for, on the consent page
    later("know who you are"),
    later("read your name"),
    later("read your e-mail address"),
    later("stay signed in while you are away"),
    later("enrol, learn and read your certificates in your name"),
    later("create and publish your courses and read how they do"),
    later("read the progress and compliance of the people you may see"),
    later("read and change roles, delegations and dotted lines"),
    later("search the audit log"),
    later("watch and run the data pipelines"),
)


ROLES = {
    "employee": later("employee"),
    "manager": later("manager"),
    "creator": later("creator"),
    "officer": later("officer"),
    "hr_data": later("HR data"),
    "auditor": later("auditor"),
}


def role_name(role: str) -> str:
    return gettext(ROLES.get(role, role))


def told_of(problem: ProblemError) -> str:
    """What a page says of it; a sentence that isn't listed stays English."""
    if isinstance(problem, TooManyGuesses):
        seconds = int(problem.extensions["retry_after_s"])
        brief = ngettext("{n} second", "{n} seconds", seconds).format(n=seconds)
        wait = brief if seconds < 60 else wording().duration(seconds)
        return gettext(
            "Too many wrong passwords were given here. Wait {wait}, then try again. "
            "In a browser that you signed in with before, you need not wait."
        ).format(wait=wait)
    return gettext(problem.detail)
