// What a new version means for those who are learning, in words and figures.
import { h, icon, plural } from "../dom.js";

const KINDS = { added: ["plus", "Added", "tone-ok"], removed: ["trash", "Removed", "tone-bad"], changed: ["pencil", "Changed", "tone-now"], moved: ["arrow-up", "Moved", ""] };

export function changeBadge(kind) {
  const [name, word, tone] = KINDS[kind];
  return h("span", { class: `badge ${tone}` }, icon(name), word);
}

export function figures(impact) {
  const tile = (number, text) => h("div", { class: "figure" }, h("dt", {}, text), h("dd", {}, number.toLocaleString("en-GB")));
  return h("dl", { class: "figures" },
    tile(impact.in_flight, "learning right now"), tile(impact.completed, "completed it"), tile(impact.must_retake, "must take it again"));
}

export function changeList(changes) {
  if (!changes.length) return h("p", { class: "quiet" }, "Nothing that learners see is different from the version they have.");
  return h("ul", { class: "changes" }, changes.map(({ kind, what, title, is_material: isMaterial }) => h("li", {},
    changeBadge(kind), h("span", { class: "change-what" }, what), h("strong", { class: "change-title" }, title),
    isMaterial && h("span", { class: "badge tone-warn" }, "material"))));
}

// What "stay" and "move" mean for these learners.
export function choiceTexts(impact, isMaterial) {
  const people = plural(impact.in_flight, "learner");
  const lost = isMaterial ? "What they did in modules that changed has to be done again." : "What they did so far counts.";
  return {
    stay: ["They stay on their version", `${people} finish what they began. Only who starts from now on gets the new version.`],
    move: ["They move to the new version", `${people} go on in the new version. ${lost}`],
  };
}
