// The items of a quiz in order: opened one by one, moved, copied, removed and brought back.
import { announce, h, icon, iconButton, plural } from "/static/lib/dom.js";
import { itemEditor } from "./editor.js";
import { copyOf, KINDS, titleOf } from "./kinds.js";
import { dragging, handle, moveButtons, moved } from "/static/lib/quiz/order.js";
import { focusKey, redraw } from "/static/lib/quiz/redraw.js";

// `quiz.items` is changed in place; `changed(what, mark)` saves: steps of the same mark are undone at once. `undo(text)`
// offers to take the last step back.
export function itemList(quiz, { changed, undo, open: first = [] }) {
  const holder = dragging(h("ol", { class: "items", id: "items" }), (from, to) => move(from, to));
  const open = new Set(first);
  const cards = new Map();
  const move = (from, to) => edit("moving a question", moved(quiz.items, from, to));

  function edit(what, items, key) {
    quiz.items = items;
    draw();
    if (key) focusKey(holder, key);
    changed(what);
  }
  function draw() {
    cards.clear();
    redraw(holder, quiz.items.length ? [] : h("li", { class: "card empty" }, icon("list-check"), h("h2", {}, "No question yet"), h("p", {}, "Write one of your own, or let questions be drawn from a bank.")), quiz.items.map((item, at) => {
      const card = itemCard(item, at);
      cards.set(item.id, card);
      return card.node;
    }));
    tell(quiz.problems ?? {});
  }
  function itemCard(item, at) {
    const name = `question ${at + 1}`;
    const title = h("span", { class: "item-title" }, titleOf(item));
    const facts = h("span", { class: "item-facts" });
    const trouble = h("ul", { class: "problems", hidden: true });
    const body = h("div", { class: "item-body", id: `body-${item.id}` });
    const toggle = h("button", { type: "button", class: "item-toggle", "aria-controls": body.id, dataset: { key: `${item.id}-toggle` }, onclick: () => show(!open.has(item.id)) },
      h("span", { class: "item-number" }, `${at + 1}.`), title, facts);
    const summary = () => {
      title.textContent = titleOf(item);
      facts.replaceChildren(h("span", { class: "badge" }, KINDS[item.kind].label), h("span", { class: "quiet" }, plural(item.points, "point")));
    };
    const show = (isOpen) => {
      if (isOpen) open.add(item.id); else open.delete(item.id);
      toggle.setAttribute("aria-expanded", String(isOpen));
      node.classList.toggle("is-open", isOpen);
      body.hidden = !isOpen;
      if (isOpen) body.replaceChildren(itemEditor(item, () => { summary(); changed(name, item.id); }));
      else body.replaceChildren();
    };
    const duplicate = () => {
      const copy = copyOf(item);
      open.add(copy.id);
      edit("copying a question", quiz.items.toSpliced(at + 1, 0, copy), `${copy.id}-prompt`);
      announce(`Copied: question ${at + 2}.`);
    };
    const node = h("li", { class: "item card", id: `question-${item.id}` },
      h("div", { class: "item-head" }, handle(), toggle,
        h("span", { class: "item-tools" },
          moveButtons(name, at, quiz.items.length, item.id, move),
          iconButton("copy", `Duplicate ${name}`, duplicate, { class: "btn btn-icon btn-sm" }),
          iconButton("trash", `Delete ${name}`, () => remove(item, at), { class: "btn btn-icon btn-sm" }))),
      trouble, body);
    summary();
    show(open.has(item.id));
    return { node, trouble };
  }
  function remove(item, at) {
    const rest = quiz.items.filter((one) => one !== item);
    edit("deleting a question", rest, rest.length ? `${rest[Math.min(at, rest.length - 1)].id}-toggle` : null);
    undo(`Question ${at + 1} is deleted.`);
  }
  // `problems`: sentences by the item's number from 0.
  function tell(problems) {
    quiz.problems = problems;
    quiz.items.forEach((item, at) => {
      const { trouble } = cards.get(item.id);
      const texts = problems[at] ?? [];
      trouble.hidden = !texts.length;
      trouble.replaceChildren(...texts.map((text) => h("li", {}, icon("alert-triangle"), text)));
    });
  }
  function add(item) {
    open.add(item.id);
    edit("adding a question", [...quiz.items, item], `${item.id}-prompt`);
    announce(`Question ${quiz.items.length} is added.`);
  }
  function show(id) {
    open.add(id);
    draw();
    focusKey(holder, `${id}-toggle`);
  }
  draw();
  return { node: holder, add, tell, show };
}
