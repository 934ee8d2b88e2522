// Somebody else saved this course meanwhile: both sides, and what to do. Nothing is dropped unseen.
import { dialog, h, newId, toast } from "/static/lib/dom.js";
import { differences, merged } from "/static/studio/merge.js";

function shown(value) {
  if (value === undefined) return h("em", {}, "not there");
  if (value === null || value === "") return h("em", {}, "empty");
  const text = typeof value === "string" ? value
    : Array.isArray(value) && value.every((one) => typeof one === "string") ? `${value.length} in this order` + (value.some((one) => /^[0-9a-f-]{36}$/.test(one)) ? "" : `: ${value.join(", ")}`)
    : value.title && value.kind ? `${value.title} (${value.kind})` : value.title || (Array.isArray(value) ? `${value.length} of them` : JSON.stringify(value));
  return h("span", { class: "conflict-text" }, String(text));
}

function row(one, choices) {
  const name = newId("choice");
  const pick = (side, words, value) => h("label", { class: "conflict-pick" },
    h("input", { class: "form-check-input", type: "radio", name, value: side, checked: side === "mine", onchange: () => { choices[one.key] = side; } }),
    h("span", {}, h("strong", {}, words), h("br"), shown(value)));
  choices[one.key] = "mine";
  return h("fieldset", { class: "conflict" }, h("legend", {}, one.label), pick("mine", "Yours", one.mine), pick("theirs", "Theirs", one.theirs));
}

export async function settleConflict(store, { base, mine, theirs, etag }) {
  const found = differences(base, mine, theirs), choices = {};
  if (!found.length) { store.settle("your changes", theirs, theirs, etag); return; }
  const both = found.filter((one) => one.by === "both");
  const listed = (by) => found.filter((one) => one.by === by).map((one) => h("li", {}, one.label));
  const parts = [h("p", {}, "This course was saved by another author, or in another tab of yours, while you were writing. Your changes are still here and not saved yet.")];
  if (both.length) parts.push(h("h3", {}, "You both changed"), both.map((one) => row(one, choices)));
  const [yours, others] = [listed("me"), listed("them")];
  if (yours.length) parts.push(h("h3", {}, "Only you changed"), h("ul", {}, yours));
  if (others.length) parts.push(h("h3", {}, "Only they changed"), h("ul", {}, others));
  parts.push(h("p", { class: "quiet" }, "“Keep both” takes what only one of you changed as it is, and your choice above for the rest. After “Take theirs”, Undo brings yours back."));
  const answer = await dialog("Somebody else saved this course", h("div", { class: "conflict-list" }, parts), [
    { value: "theirs", label: "Take theirs" },
    { value: "both", label: "Keep both", kind: "btn-primary" },
  ], { size: "wide", mustAnswer: true });
  if (answer === "theirs") {
    store.settle("taking theirs", theirs, theirs, etag);
    toast("The page shows what the other author saved.", { action: { label: "Bring mine back", run: () => store.undo() } });
  } else {
    store.settle("keeping both", merged(base, mine, theirs, choices), theirs, etag);
    toast("Both authors' changes are in the course.");
  }
}
