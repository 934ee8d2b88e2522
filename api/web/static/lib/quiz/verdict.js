// What is said of one question after an attempt, as far as the server told it.
import { h, icon } from "/static/lib/dom.js";
import { gettext as _, ngettext, number } from "/static/lib/i18n.js";

export function verdict({ points, points_share: share, is_correct: isCorrect, feedback, choices, solution }, question) {
  const [name, word, tone] = isCorrect ? ["check", _("Right"), "good"] : share > 0 ? ["check", _("Partly right"), "warn"] : ["x", _("Not right"), "bad"];
  const earned = number(Math.round(share * points * 100) / 100);
  const texts = [...choices.map((choice) => choice.feedback), feedback].filter(Boolean);
  const right = !isCorrect && solution && solutionText(solution, question);
  return [
    h("p", { class: "quiz-verdict" }, h("span", { class: `badge tag tone-${tone === "good" ? "ok" : tone} ${tone}` }, icon(name), word),
      h("span", {}, ngettext("{earned} of {n} point", "{earned} of {n} points", points, { earned }))),
    texts.map((text) => h("p", { class: "quiz-feedback" }, text)),
    right && h("p", { class: "quiz-feedback" }, h("strong", {}, _("Right:"), " "), right),
  ];
}

const labelOf = (question) => (id) => question.choices.find((choice) => choice.id === id)?.label ?? "";
const either = (texts) => texts.join(` ${_("or")} `);

// What is right, in the words of the question.
function solutionText(solution, question) {
  const { number: value, tolerance, accepted } = solution;
  if (question.kind === "numeric") return Number(tolerance) ? `${value} ± ${tolerance}` : `${value}`;
  if (question.kind === "short_text") return either(accepted);
  if (question.kind === "cloze") return accepted.map(either).join("; ");
  return answerText(solution, question);
}

// What somebody answered, in the words of the question; empty for nothing.
export function answerText(answer, question) {
  const label = labelOf(question);
  const texts = {
    single: () => (answer.choice_ids ?? []).map(label).join(", "),
    multiple: () => (answer.choice_ids ?? []).map(label).join(", "),
    ordering: () => (answer.order ?? []).map(label).join(" → "),
    matching: () => (answer.pairs ?? []).map((pair) => `${label(pair.choice_id)} – ${pair.match}`).join(", "),
    numeric: () => answer.number ?? "",
    short_text: () => answer.text ?? "",
    cloze: () => ((answer.gaps ?? []).some(Boolean) ? answer.gaps.map((text) => text || "–").join("; ") : ""),
  };
  return texts[question.kind]();
}
