// For the statistics of a question: how long somebody was at it, and what they answered before they changed their mind.
import { isAnswered } from "/static/lib/quiz/ask.js";

const TAKES = { single: "choice_ids", multiple: "choice_ids", ordering: "order", matching: "pairs", numeric: "number", short_text: "text", cloze: "gaps" };
const LONGEST_S = 86400;

export function track({ node, question, given }) {
  let since = null;
  const isHere = (target) => node.contains(target);
  node.addEventListener("focusin", () => { since ??= performance.now(); });
  node.addEventListener("focusout", ({ relatedTarget }) => {
    if (isHere(relatedTarget)) return;
    count();
    since = null;
    if (isAnswered(question, given)) first();
  });

  function count() {
    if (since === null) return;
    const now = performance.now();
    given.duration_s = Math.min(LONGEST_S, Math.round(10 * ((given.duration_s ?? 0) + (now - since) / 1000)) / 10);
    since = now;
  }

  function first() {
    if (given.first_choice_ids || given.first_response) return;
    const name = TAKES[question.kind];
    if (name === "choice_ids") given.first_choice_ids = [...given.choice_ids];
    else given.first_response = structuredClone({ [name]: given[name] });
  }
  return { count };
}
