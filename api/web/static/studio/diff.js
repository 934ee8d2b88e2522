// What differs between two versions, readable: each part with a word for what happened to it, texts word by word.
import { get, query } from "/static/lib/api.js";
import { changeBadge } from "./course/impact.js";
import { asText, NAMES } from "./course/values.js";
import { $, h, icon, plural } from "/static/lib/dom.js";

const { Diff } = window; // vendor/diff, loaded before
const course = $("#main").dataset.courseId;
const asked = new URLSearchParams(location.search);
const place = $("#diff");

async function load() {
  const [{ data }, { data: { items } }] = await Promise.all([
    get(query("/course-diff", { course_id: course, from: asked.get("from"), to: asked.get("to") })), get(query("/course-versions", { course_id: course }))]);
  $("#course-title").textContent = items[0].title;
  $("#title").textContent = `From version ${data.from_number} to version ${data.to_number}`;
  document.title = `${$("#title").textContent} · Praxis studio`;
  place.removeAttribute("aria-busy");
  const parts = [];
  if (data.fields.length) parts.push(card("course", "The course", part("Course details", null, data.fields)));
  if (data.sections.length) parts.push(card("sections", "Sections", data.sections.map((one) => h("div", { class: "diff-part" }, h("h3", {}, changeBadge(one.kind), one.title)))));
  if (data.modules.length) parts.push(card("modules", "Modules", data.modules.map(modulePart)));
  place.replaceChildren(...(parts.length ? [summary(data), ...parts] : [h("div", { class: "card empty" }, icon("circle-check"), h("h2", {}, "Nothing differs"), h("p", {}, "Learners see the same in both versions."))]));
}

const summary = (data) => h("p", { class: `alert-box ${data.is_material ? "warn" : ""}` }, icon("info-circle"),
  `${plural(data.changes.length, "change")}${data.is_material ? ", and some of them matter: who knows the one version has not shown all of the other." : ": who knows the one version knows the other."}`);

const card = (id, title, ...content) => h("section", { class: "card", "aria-labelledby": id }, h("div", { class: "card-header" }, h("h2", { id }, title)), content);

function part(title, badge, fields, ...more) {
  return h("div", { class: "diff-part" }, h("h3", {}, badge, title), fields.length > 0 && h("dl", {}, fields.map(fieldRow)), more);
}

function modulePart(module) {
  const badges = [changeBadge(module.change), module.is_moved && module.change === "changed" && changeBadge("moved"), module.is_material && h("span", { class: "badge tone-warn" }, "material")];
  return part(module.title, badges, module.fields, module.questions.map((question) => h("div", { class: "diff-question" },
    h("h4", {}, changeBadge(question.change), question.prompt || "A question without text"), question.fields.length > 0 && h("dl", {}, question.fields.map(fieldRow)))));
}

function fieldRow({ name, before, after }) {
  const parts = Diff.diffWordsWithSpace(asText(name, before), asText(name, after));
  return h("div", { class: "diff-field" }, h("dt", {}, NAMES[name] ?? name), h("dd", {}, parts.map(({ value, added, removed }) => added ? h("ins", {}, value) : removed ? h("del", {}, value) : value)));
}

load().catch((problem) => place.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message)));
