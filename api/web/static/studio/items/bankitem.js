// One item of a bank, folded or open. It saves itself a moment after the last change.
import { debounce, field, h, icon, iconButton, toast } from "../dom.js";
import { tagsOf } from "./draws.js";
import { itemEditor } from "./editor.js";
import { forEditing, forSaving, KINDS, pickQuestion, titleOf } from "./kinds.js";

export function bankItem(stored, { isMine, save, fresh, remove }) {
  const item = { ...forEditing(stored), tags: stored.tags };
  const title = h("span", { class: "item-title" });
  const facts = h("span", { class: "item-facts" });
  const state = h("span", { class: "save-note", role: "status" });
  const version = h("p", { class: "quiet" });
  const body = h("div", { class: "item-body", id: `body-${stored.item_id}`, hidden: true });
  let isSaving = false;
  let isStale = false;

  const summary = () => {
    title.textContent = titleOf(item);
    facts.replaceChildren(h("span", { class: "tags" }, item.tags.map((tag) => h("span", { class: "badge tone-now" }, tag))),
      h("span", { class: "badge" }, KINDS[item.kind].label), h("span", { class: "quiet" }, `version ${stored.item_version}`));
    version.textContent = `This is version ${stored.item_version} of the item. A change of the question, its answers or points makes a new version, whose statistics are counted apart; feedback and tags don't.`;
  };
  const send = async () => {
    if (isStale) return;
    if (isSaving) { later(); return; }
    isSaving = true;
    say("refresh", "Saving …");
    try {
      Object.assign(stored, await save({ ...pickQuestion(forSaving(item)), tags: item.tags }, stored.revision));
      say("cloud-check", "Saved");
      summary();
    } catch (problem) {
      isStale = problem.status === 412;
      say("cloud-off", isStale ? "Somebody else changed this item." : `Not saved: ${problem.message}`);
      if (isStale) toast("Somebody else changed this item meanwhile.", { kind: "error", action: { label: "Show theirs", run: fresh } });
    }
    isSaving = false;
  };
  const later = debounce(send, 900);
  const say = (name, text) => state.replaceChildren(icon(name), text);
  const changed = () => { summary(); say("pencil", "Not saved yet"); if (!isStale) later(); };

  const toggle = h("button", { type: "button", class: "item-toggle", "aria-expanded": "false", "aria-controls": body.id, dataset: { key: `${stored.item_id}-toggle` }, onclick: () => show(body.hidden) }, title, facts);
  const show = (isOpen) => {
    body.hidden = !isOpen;
    node.classList.toggle("is-open", isOpen);
    toggle.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) body.replaceChildren(version, tagField(item, changed), h("fieldset", { class: "plain", disabled: !isMine }, itemEditor(item, changed)));
  };
  const node = h("li", { class: "item card", id: `item-${stored.item_id}` },
    h("div", { class: "item-head" }, toggle, state, isMine && iconButton("trash", `Delete: ${titleOf(item)}`, remove, { class: "btn btn-icon btn-sm" })), body);
  node.addEventListener("open", () => { show(true); body.querySelector("textarea")?.focus(); });
  summary();
  return node;
}

function tagField(item, changed) {
  const input = h("input", { type: "text", class: "form-control", value: item.tags.join(", "), onchange: () => { item.tags = tagsOf(input.value); changed(); } });
  return field("Tags", input, { hint: "By commas. Quizzes draw items by their tags.", optional: true });
}
