// What a new version means for those who are learning, in words and figures.
import { h, icon, plural } from "/static/lib/dom.js";

const KINDS = { added: ["plus", "Added", "tone-ok"], removed: ["trash", "Removed", "tone-bad"], changed: ["pencil", "Changed", "tone-now"], moved: ["arrow-up", "Moved", ""] };

export function changeBadge(kind) {
  const [name, word, tone] = KINDS[kind];
  return h("span", { class: `badge ${tone}` }, icon(name), word);
}

export function figures(impact) {
  const tile = (number, text) => h("div", { class: "figure" }, h("dt", {}, text), h("dd", {}, number.toLocaleString("en-GB")));
  return h("dl", { class: "figures" },
    tile(impact.in_flight, "learning right now"), tile(impact.completed, "completed it"), tile(impact.must_retake, "to do something again, if they move"));
}

export function changeList(changes) {
  if (!changes.length) return h("p", { class: "quiet" }, "Nothing that learners see is different from the version they have.");
  return h("ul", { class: "changes" }, changes.map(({ kind, what, title, is_material: isMaterial }) => h("li", {},
    changeBadge(kind), h("span", { class: "change-what" }, what), h("strong", { class: "change-title" }, title),
    isMaterial && h("span", { class: "badge tone-warn" }, "material"))));
}

// What "stay" and "move" mean for these learners. `isMaterial` is the author's word, that of the changes where it is null.
export function choiceTexts(impact, isMaterial) {
  const flying = (one, many) => `${plural(impact.in_flight, "learner")} ${impact.in_flight === 1 ? one : many}`;
  const done = plural(impact.completed, "person", "people");
  const stay = [impact.in_flight > 0 && `${flying("finishes", "finish")} what they began.`, impact.completed > 0 && `${done} who completed it: that stays.`, "Only who starts from now on gets the new version."];
  return {
    stay: ["They stay on their version", stay.filter(Boolean).join(" ")],
    move: ["They move to the new version", moved(impact, isMaterial, flying, done).filter(Boolean).join(" ")],
  };
}

function moved(impact, isMaterial, flying, done) {
  const goOn = impact.in_flight > 0 && `${flying("goes", "go")} on in the new version.`;
  if (isMaterial === null) {
    return [goOn, impact.must_retake > 0 ? `${plural(impact.must_retake, "person has", "people have")} to do again what matters and is new.` : "All that was done counts."];
  }
  if (!isMaterial) return [goOn, "All that was done counts, whatever changed."];
  return [goOn, "What was done in modules that changed is to be done again.", impact.completed > 0 && `${plural(impact.completed, "person has", "people have")} completed it and must take it again.`];
}
