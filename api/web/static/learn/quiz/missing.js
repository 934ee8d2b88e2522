// Before answers are sent off: what has none yet, and numbers that are none.
import { h, icon } from "/static/lib/dom.js";
import { gettext as _, ngettext } from "/static/lib/i18n.js";

const NUMBER = /^\s*[+\-−]?\d{1,20}([.,]\d{1,20})?\s*$/;

export function missing(open, places) {
  const text = ngettext("One question has no answer yet.", "{n} questions have no answer yet.", open.length);
  const goTo = (place) => h("li", {}, h("button", { type: "button", class: "btn btn-sm", onclick: () => {
    place.node.scrollIntoView({ block: "center" });
    place.node.querySelector("input, select, button:not(:disabled)")?.focus();
  } }, _("Question {n}", { n: places.indexOf(place) + 1 })));
  return h("div", { class: "alert-box warn", role: "alert", tabindex: -1 }, icon("alert-triangle"),
    h("div", {}, h("p", {}, text), h("ul", { class: "quiz-jumps", "aria-label": _("Questions without an answer") }, open.map(goTo))));
}

// Says it at the first one, and goes there; null where every number is one.
export function wrongNumber(places) {
  let first = null;
  for (const { question, given, result, node } of places) {
    if (question.kind !== "numeric") continue;
    const isWrong = Boolean(given.number?.trim()) && !NUMBER.test(given.number);
    const input = node.querySelector("input");
    if (isWrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    result.replaceChildren(isWrong ? h("p", { class: "form-error" }, _("Give a number alone, such as 12.5: no unit, no other signs.")) : "");
    if (isWrong) first ??= input;
  }
  first?.focus();
  return first;
}
