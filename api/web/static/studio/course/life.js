// What else can be done with a course as a whole: call a schedule off, unpublish, archive, restore. Each can be undone.
import { post } from "/static/lib/api.js";
import { courseHref } from "./places.js";
import { confirmDialog, h, icon, toast, toastError } from "/static/lib/dom.js";

export function lifeCard(draft, isLive, reload) {
  const id = draft.course_id;
  const run = async (path, body, said, back) => {
    try {
      await post(path, { course_id: id, ...body });
      toast(said, back ? { action: { label: "Undo", run: () => run(back, {}, "As it was before.") } } : {});
      await reload();
    } catch (problem) {
      toastError(problem);
    }
  };
  const ask = (title, text, label, ...step) => async () => (await confirmDialog(title, text, label)) && run(...step);
  const rows = {
    unpublish: row("Take it out of the catalogue", "Nobody can start it any more; who is learning finishes.", "cloud-off", "Unpublish",
      ask("Unpublish this course?", "It leaves the catalogue. Learners who are in it can finish.", "Unpublish", "/unpublish-course", {}, "The course is out of the catalogue.", "/restore-course")),
    archive: row("Put it away", "It leaves the catalogue and your list; all records stay.", "archive", "Archive",
      ask("Archive this course?", "It leaves the catalogue and your list. Records of who completed it stay.", "Archive", "/archive-course", {}, "The course is archived.", "/restore-course")),
    cancel: row("Call it off", "It stays a draft, and you can go on writing.", "x", "Cancel the schedule",
      () => run("/unpublish-course", { is_schedule_only: true }, "The schedule is called off.")),
    again: row("Back into the catalogue", "Everybody finds it again, as it was.", "restore", "Publish again", () => run("/restore-course", {}, "The course is in the catalogue again.", "/unpublish-course")),
    restore: row("Bring it back", "It is a course of yours again, as it was.", "restore", "Restore", () => run("/restore-course", {}, "The course is back.", "/archive-course")),
    draft: row("Go on writing", "A new draft begins with what is published.", "pencil", "Begin a new draft", async () => {
      try { await post("/course-drafts", { course_id: id }); location.assign(courseHref(id)); } catch (problem) { toastError(problem); }
    }),
  };
  const shown = { draft: [isLive && "unpublish", "archive"], scheduled: ["cancel"], unpublished: ["draft", "again", "archive"], published: ["draft", "unpublish", "archive"], archived: ["restore"] }[draft.state] ?? [];
  return h("section", { class: "card", "aria-labelledby": "life", hidden: !shown.length },
    h("div", { class: "card-header" }, h("h2", { id: "life" }, "The course as a whole")),
    h("ul", { class: "life" }, shown.filter(Boolean).map((name) => rows[name])));
}

function row(title, text, name, label, run) {
  return h("li", {}, h("span", { class: "flex-fill" }, h("strong", {}, title), h("span", { class: "quiet d-block" }, text)),
    h("button", { type: "button", class: "btn", onclick: run }, icon(name), label));
}
