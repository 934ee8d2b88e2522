// The steps of a course beside what is shown, under their sections.
import { duration, h, icon } from "/static/lib/dom.js";

export const KIND = {
  video: ["video", "Video"], document: ["file-text", "Document"], text: ["article", "Text"], quiz: ["list-check", "Quiz"],
  link: ["link", "Link"], package: ["package", "Package"], live: ["calendar-event", "Live session"],
};

export function outline(course, current, seen) {
  const percent = Math.round((seen.size / course.modules.length) * 100);
  const rows = [];
  let section = null;
  course.modules.forEach((module, at) => {
    if (module.section_id && module.section_id !== section) {
      section = module.section_id;
      rows.push(h("li", { class: "outline-section" }, h("h3", {}, course.sections.find((one) => one.id === section)?.title)));
    }
    rows.push(step(module, at === current, seen.has(module.id)));
  });
  return h("section", { class: "card", "aria-labelledby": "outline-title" },
    h("div", { class: "card-header" }, h("h2", { id: "outline-title" }, "Course progress")),
    h("div", { class: "card-body" },
      h("div", { class: "learn-head" }, h("span", {}, `${seen.size} of ${course.modules.length} steps`), h("span", {}, `${percent} %`)),
      h("progress", { max: 100, value: percent, "aria-label": "Steps seen" })),
    h("ol", { class: "outline" }, rows));
}

function step(module, isCurrent, isSeen) {
  const [name, label] = KIND[module.kind];
  const mark = isCurrent ? h("span", { class: "badge tone-now" }, "Now") : isSeen ? h("span", { class: "badge tone-ok" }, "Seen") : h("span", { class: "badge" }, icon(name), label);
  return h("li", { class: isCurrent ? "is-current" : "" },
    h("a", { href: `#module:${module.id}`, "aria-current": isCurrent ? "step" : null }, mark, h("span", { class: "flex-fill" }, module.title), h("small", { class: "quiet" }, duration(module.duration_s))));
}
