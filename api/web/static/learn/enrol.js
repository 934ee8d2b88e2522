// One click enrols and leads on to the first step; what holds it up is said beside the button.
import { get, post } from "/static/lib/api.js";
import { $, $$, h } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

const status = $("#enrol-status");

function say(parts, isBad = false) {
  status.classList.toggle("bad", isBad);
  status.replaceChildren(...[parts].flat());
}

// A second click, or Enter held down, asks once.
async function once(button, run) {
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  try {
    await run();
  } catch (error) {
    button.removeAttribute("aria-disabled");
    throw error;
  }
}

function refused(problem) {
  if (problem.isOffline) return [_("There is no connection. Try again once you are online.")];
  const missing = problem.document?.missing;
  if (missing) return [_("Finish this first:"), " ", ...missing.flatMap((one, at) => [at ? ", " : "", h("a", { href: `/learn/${one.course_id}` }, one.title)])];
  if (problem.status === 404 || problem.status === 409) return [_("You can't enrol in this course any more. Load the page again.")];
  return [_("That didn't work. Try again in a moment.")];
}

async function firstStep(courseId) {
  const { data } = await get(`/course-content?course_id=${courseId}`);
  return data.modules[0] ? `/learn/${courseId}/${data.modules[0].id}` : `/learn/${courseId}`;
}

for (const button of $$("[data-enrol]")) {
  button.addEventListener("click", () => once(button, async () => {
    const courseId = button.dataset.enrol;
    say(_("Enrolling …"));
    const answer = await post("/enroll", { course_id: courseId });
    if (answer.status === 202) location.reload(); // the page says what it waits for
    else location.assign(await firstStep(courseId));
  }).catch((problem) => say(refused(problem), true)));
}

for (const button of $$("[data-opens]")) {
  const box = document.getElementById(button.dataset.opens);
  button.addEventListener("click", () => box.showModal());
  $("[data-closes]", box).addEventListener("click", () => box.close());
}

// In the dialog of somebody who is enrolled, or on the page of somebody who asked.
for (const button of $$("[data-withdraw]")) {
  const wrong = $(".form-error", button.closest("dialog") ?? document.createElement("p"));
  button.addEventListener("click", () => once(button, async () => {
    await post("/withdraw", { course_id: button.dataset.withdraw });
    location.reload();
  }).catch((problem) => {
    const why = problem.isOffline ? _("There is no connection. Try again once you are online.") : _("That didn't work. Try again in a moment.");
    if (!wrong) return say(why, true);
    wrong.textContent = why;
    wrong.hidden = false;
  }));
}
