// One item of a bank, folded or open. It is saved when the author says so, whole and complete: each saved change of what
// learners see is a version of its own.
import { field, h, icon, iconButton } from "/static/lib/dom.js";
import { tagsOf } from "./draws.js";
import { itemEditor } from "./editor.js";
import { forEditing, forSaving, KINDS, pickQuestion, titleOf } from "./kinds.js";

const unsaved = new Set();
addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });

// `stored.item_version` is missing while the item is new. `save(body)` gives what is stored then.
export function bankItem(stored, { isMine, save, reread, remove }) {
  let item;
  const key = stored.item_id;
  const title = h("span", { class: "item-title" });
  const facts = h("span", { class: "item-facts" });
  const state = h("p", { class: "save-note", role: "status" });
  const body = h("div", { class: "item-body", id: `body-${key}`, hidden: true });
  const toggle = h("button", { type: "button", class: "item-toggle", "aria-controls": body.id, dataset: { key: `${key}-toggle` }, onclick: () => show(body.hidden) }, title, facts);
  const node = h("li", { class: "item card", id: `item-${key}` },
    h("div", { class: "item-head" }, toggle, isMine && iconButton("trash", `Delete: ${titleOf(stored)}`, () => { unsaved.delete(key); remove(); }, { class: "btn btn-icon btn-sm" })), body);

  const take = () => { item = { ...forEditing(stored), tags: [...stored.tags] }; };
  const say = (name, ...what) => state.replaceChildren(...(name ? [icon(name), h("span", {}, what)] : []));
  const summary = () => {
    title.textContent = titleOf(item);
    facts.replaceChildren(h("span", { class: "tags" }, item.tags.map((tag) => h("span", { class: "badge tone-now" }, tag))),
      h("span", { class: "badge" }, KINDS[item.kind].label), h("span", { class: "quiet" }, stored.item_version ? `version ${stored.item_version}` : "new"));
  };
  const changed = () => { unsaved.add(key); summary(); say("pencil", "Not saved yet."); };
  const discard = () => { unsaved.delete(key); if (!stored.item_version) { remove(); return; } take(); show(true); say("", ""); toggle.focus(); };
  const send = async () => {
    say("refresh", "Saving …");
    try {
      Object.assign(stored, await save({ ...pickQuestion(forSaving(item)), tags: item.tags }, stored));
      unsaved.delete(key);
      show(true);
      say("cloud-check", `Saved: version ${stored.item_version}.`);
    } catch (problem) {
      if (problem.status === 412) say("alert-triangle", "Somebody else changed this item meanwhile. ", h("button", { type: "button", class: "btn btn-sm", onclick: () => { unsaved.delete(key); reread(); } }, "Show theirs, drop mine"));
      else say("alert-triangle", `Not saved: ${problem.message}`);
    }
  };
  function show(isOpen) {
    body.hidden = !isOpen;
    node.classList.toggle("is-open", isOpen);
    toggle.setAttribute("aria-expanded", String(isOpen));
    summary();
    if (!isOpen || body.contains(document.activeElement)) { about.replaceChildren(...aboutVersion(stored)); return; }
    about.replaceChildren(...aboutVersion(stored));
    body.replaceChildren(about, tagField(item, changed), h("fieldset", { class: "plain", disabled: !isMine }, itemEditor(item, changed)),
      ...(isMine ? [h("div", { class: "actions" }, h("button", { type: "button", class: "btn btn-primary", onclick: send }, stored.item_version ? "Save the item" : "Add it to the bank"), h("button", { type: "button", class: "btn", onclick: discard }, "Discard"), state)] : []));
  }
  const about = h("p", { class: "quiet" });
  take();
  show(false);
  node.addEventListener("open", () => { show(true); body.querySelector("textarea")?.focus(); });
  return node;
}

function aboutVersion({ item_version: version }) {
  return [version ? `This is version ${version}. Saving another question, other answers or points makes version ${version + 1}, whose statistics are counted apart; feedback and tags don't.`
    : "Nobody sees this item until you add it."];
}

function tagField(item, changed) {
  const input = h("input", { type: "text", class: "form-control", value: item.tags.join(", "), oninput: () => { item.tags = tagsOf(input.value); changed(); } });
  return field("Tags", input, { hint: "By commas. Quizzes draw items by their tags." });
}
