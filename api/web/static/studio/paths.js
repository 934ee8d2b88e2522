// The list of one's learning paths.
import { all, post } from "/static/lib/api.js";
import { $, day, dialog, field, h, icon, plural, uuid } from "/static/lib/dom.js";

export const STATES = { draft: ["Draft", ""], published: ["Published", "tone-ok"], archived: ["Archived", "tone-warn"] };
const place = $("#paths");

function card(path) {
  const [words, tone] = STATES[path.state];
  return h("li", { class: "card course-card" },
    h("div", { class: "course-words" },
      h("div", { class: "facts" }, h("span", { class: `badge ${tone}` }, words), h("span", { class: "badge" }, path.is_ordered ? "Ordered" : "Free")),
      h("h2", {}, h("a", { href: `/studio/paths/${path.id}`, class: "stretched" }, path.title)),
      h("p", { class: "quiet" }, [plural(path.course_count, "course"), path.state === "draft" ? null : `${plural(path.learner_count, "learner")}, ${path.completed_count.toLocaleString("en-GB")} finished`, `saved ${day(path.updated_at)}`].filter(Boolean).join(" · "))));
}

function draw(paths) {
  place.setAttribute("aria-busy", "false");
  place.replaceChildren(paths.length ? h("ul", { class: "course-grid" }, paths.map(card))
    : h("div", { class: "card empty" }, icon("route"), h("h2", {}, "No path yet"), h("p", {}, "A path leads through several courses, such as the first weeks of somebody new."),
      h("button", { type: "button", class: "btn btn-primary", onclick: create }, icon("plus"), "Create your first path")));
}

// The dialog stays open, with what was typed, until the path is there.
async function create() {
  const id = uuid(), wrong = h("div", { class: "alert-box bad", role: "alert", hidden: true });
  const title = h("input", { class: "form-control", required: true, maxlength: 200, autocomplete: "off" });
  const send = async () => {
    try { await post("/create-path", { id, title: title.value }); return true; } catch (error) {
      wrong.hidden = false;
      wrong.replaceChildren(icon("alert-triangle"), error.message);
      return false;
    }
  };
  const answer = await dialog("New path", h("div", {}, wrong, field("Title", title)), [{ value: "", label: "Cancel" }, { value: "yes", label: "Create", kind: "btn-primary" }], { before: send });
  if (answer === "yes") location.assign(`/studio/paths/${id}`);
}

if (place) {
  $("#create").addEventListener("click", create);
  all("/authored-paths").then(draw)
    .catch((error) => place.replaceChildren(h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), error.message), h("button", { type: "button", class: "btn", onclick: () => location.reload() }, "Try again")));
}
