// A course as learners will see it: a draft, or one of its versions by ?version_id=. Nothing is stored.
import { get, query } from "/static/lib/api.js";
import { $, duration, h, icon } from "/static/lib/dom.js";
import { outline } from "./preview/outline.js";
import { moduleView } from "./preview/modules.js";

const course = $("#main").dataset.courseId;
const version = new URLSearchParams(location.search).get("version_id");
const seen = new Set();
let stop = () => {};

async function load() {
  const { data } = await get(query("/course-draft", { course_id: course, version_id: version }));
  document.title = `Preview of ${data.title} · Praxis studio`;
  $("#title").textContent = data.title;
  $("#what").textContent = `${data.category || "No category yet"} · version ${data.number}${data.state === "published" ? "" : `, ${data.state}`}`;
  if (!data.modules.length) return empty(data);
  addEventListener("hashchange", () => show(data));
  show(data);
}

function empty(data) {
  $("#outline").hidden = true;
  $("#step").removeAttribute("aria-busy");
  $("#step").replaceChildren(h("div", { class: "card empty" }, icon("cards"), h("h2", {}, "There is nothing to see yet"),
    h("p", {}, "The course has no module. Add one in the editor, then come back."), h("a", { class: "btn btn-primary", href: `/studio/courses/${data.course_id}` }, "Edit the course")));
}

function show(data) {
  const wanted = location.hash.replace("#module:", "");
  const at = Math.max(0, data.modules.findIndex((module) => module.id === wanted));
  const module = data.modules[at];
  stop();
  seen.add(module.id);
  const view = moduleView(module, data);
  stop = view.stop ?? (() => {});
  const heading = h("h2", { id: "module-title", tabindex: -1 }, `${at + 1}. ${module.title}`);
  const next = data.modules[at + 1];
  $("#step").removeAttribute("aria-busy");
  $("#step").replaceChildren(h("section", { class: "card learn-card", "aria-labelledby": "module-title" },
    view.wide, h("div", { class: "card-body" }, h("div", { class: "learn-head" }, heading, h("span", { class: "quiet" }, duration(module.duration_s))), view.node)),
  h("div", { class: "actions learn-foot" },
    at > 0 && h("a", { class: "btn", href: `#module:${data.modules[at - 1].id}` }, "Back"),
    next ? h("a", { class: "btn btn-primary", href: `#module:${next.id}` }, `Next: ${next.title}`) : h("span", { class: "quiet" }, "This is the last step.")));
  $("#outline").replaceChildren(outline(data, at, seen));
  if (wanted) heading.focus();
}

load().catch((problem) => $("#step").replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message)));
