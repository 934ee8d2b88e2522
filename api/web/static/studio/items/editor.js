// One item's form, the same in a quiz and in a bank. `item` is changed in place; `changed()` tells the page to save.
import { announce, field, h, icon, options } from "/static/lib/dom.js";
import { answersEditor } from "./answers.js";
import { imageEditor } from "./image.js";
import { asKind, gapNumbers, KINDS, withGaps } from "./kinds.js";
import { focusKey, redraw } from "/static/lib/quiz/redraw.js";

export function itemEditor(item, changed) {
  const answers = h("div", { class: "answers" });
  const how = { changed, reshaped };
  function reshaped(key) {
    redraw(answers, answersEditor(item, how));
    if (key) focusKey(answers, key);
    changed();
  }
  const hint = h("p", { class: "form-hint" }, KINDS[item.kind].hint);
  const prompt = promptBox(item, how);
  const gapTool = h("button", { type: "button", class: "btn btn-sm", hidden: item.kind !== "cloze", onclick: () => insertGap(item, prompt, how) }, icon("plus"), "Insert a gap");
  const rekind = (kind) => {
    Object.assign(item, withGaps(asKind(item, kind)));
    hint.textContent = KINDS[kind].hint;
    gapTool.hidden = kind !== "cloze";
    announce(`${KINDS[kind].label}. ${KINDS[kind].hint}`);
    reshaped();
  };
  redraw(answers, answersEditor(item, how));
  return h("div", { class: "item-form" },
    h("div", { class: "cols" }, kindBox(item, rekind), pointsBox(item, how)),
    field("Question", prompt),
    gapTool,
    imageEditor(item, how),
    h("fieldset", { class: "answers-box" }, h("legend", {}, "Answers"), hint, answers),
    field("Feedback to everybody who answered", textBox(item, "feedback", how), { hint: "Why the right answer is right.", optional: true }));
}

function kindBox(item, rekind) {
  const kinds = Object.entries(KINDS).map(([kind, { label }]) => [kind, label]);
  return field("Kind", h("select", { class: "form-select", onchange: (event) => rekind(event.target.value), dataset: { key: `${item.id}-kind` } }, options(kinds, item.kind)));
}

function pointsBox(item, { changed }) {
  return field("Points", h("input", {
    type: "number", min: 1, max: 100, step: 1, class: "form-control", value: item.points,
    oninput: ({ target }) => { if (target.value && target.validity.valid) { item.points = Number(target.value); changed(); } },
  }));
}

function textBox(item, property, { changed }) {
  return h("textarea", {
    class: "form-control", rows: 2, maxlength: 2000, value: item[property],
    oninput: (event) => { item[property] = event.target.value; changed(); },
  });
}

function promptBox(item, how) {
  const box = textBox(item, "prompt", how);
  box.dataset.key = `${item.id}-prompt`;
  box.addEventListener("input", () => followGaps(item, how));
  return box;
}

// The gaps' answers follow the question's text.
function followGaps(item, how) {
  if (item.kind !== "cloze") return;
  const before = item.spec.gaps.length;
  Object.assign(item, withGaps(item));
  if (item.spec.gaps.length !== before) how.reshaped();
}

function insertGap(item, box, how) {
  const mark = `{{${Math.max(0, ...gapNumbers(item.prompt)) + 1}}}`;
  box.setRangeText(mark, box.selectionStart, box.selectionEnd, "end");
  item.prompt = box.value;
  followGaps(item, how);
  how.changed();
  box.focus();
}
