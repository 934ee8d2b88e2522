// For the statistics of a question: how long somebody was at it, and what they answered before they changed their mind.
import { isAnswered } from "/static/lib/quiz/ask.js";

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
    if (given.choice_ids) { given.first_choice_ids = [...given.choice_ids]; return; }
    const names = ["order", "pairs", "number", "text", "gaps"].filter((name) => given[name] !== undefined);
    given.first_response = structuredClone(Object.fromEntries(names.map((name) => [name, given[name]])));
  }
  return { count };
}
