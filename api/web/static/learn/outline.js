// How far I am in the course, and its steps under their sections.
import { h, icon } from "/static/lib/dom.js";
import { duration, gettext as _, percent } from "/static/lib/i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const KINDS = {
  video: ["video", () => _("Video")], document: ["file-text", () => _("Document")], text: ["article", () => _("Text")],
  quiz: ["list-check", () => _("Quiz")], link: ["link", () => _("Link")], package: ["package", () => _("Interactive")], live: ["calendar-event", () => _("Live session")],
};

// The bar of macros.html: its width is an attribute of SVG, because a style is not allowed here.
export function bar(value, label) {
  const svg = document.createElementNS(SVG, "svg"), rect = document.createElementNS(SVG, "rect");
  for (const [name, told] of [["viewBox", "0 0 100 4"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) svg.setAttribute(name, told);
  for (const [name, told] of [["width", value], ["height", 4], ["rx", 1]]) rect.setAttribute(name, told);
  svg.append(rect);
  return h("span", { class: "bar", role: "img", "aria-label": label }, svg);
}

export function outline(course, shown, { address, isDone, go }) {
  const steps = course.modules.filter(isDone).length, all = course.modules.length;
  const whole = course.enrollment.progress_percent;
  const rows = [];
  let section = null;
  for (const module of course.modules) {
    if (module.section_id && module.section_id !== section) {
      rows.push(h("li", { class: "outline-section" }, h("h3", {}, course.sections.find((one) => one.id === module.section_id)?.title)));
    }
    section = module.section_id;
    rows.push(row(module, module.id === shown.id, isDone(module), address(module), (event) => go(event, module)));
  }
  return h("section", { class: "card", "aria-labelledby": "outline-title" },
    h("div", { class: "card-header" }, h("h2", { id: "outline-title" }, _("Course progress"))),
    h("div", { class: "card-body" },
      h("div", { class: "learn-head" }, h("span", {}, _("{n} of {all} steps", { n: steps, all })), h("span", {}, percent(whole))),
      bar(whole, _("{percent} of the course", { percent: percent(whole) }))),
    h("ol", { class: "outline" }, rows));
}

function row(module, isNow, isDone, href, onclick) {
  const [symbol, label] = KINDS[module.kind] ?? KINDS.text;
  const mark = isDone ? h("span", { class: "tag good" }, icon("check"), _("Done")) : isNow ? h("span", { class: "tag now" }, _("Now")) : h("span", { class: "tag" }, icon(symbol), label());
  return h("li", { class: isNow ? "is-current" : "" },
    h("a", { href, onclick, "aria-current": isNow ? "step" : null }, mark, h("span", { class: "outline-title" }, module.title), h("small", { class: "quiet" }, duration(module.duration_s))));
}
