// A quiz as learners meet it, every kind by mouse or keyboard. `questions` don't say what is right; the answers go to
// `score`, which gives what to say of each.
import { announce, field, h, icon, newId, options, plural } from "/static/lib/dom.js";
import { GAP, gapNumbers } from "./kinds.js";
import { dragging, handle, moveButtons, moved } from "./order.js";
import { redraw } from "./redraw.js";

const ASKED = { single: pick, multiple: pick, ordering: order, matching: match, numeric: typed, short_text: typed, cloze: gaps };
const NOTES = { multiple: "(choose all that are right)", ordering: "(put in order)", matching: "(match)", cloze: "" };

export function quizRunner(questions, score, ...tools) {
  const places = questions.map((question, at) => ask(question, at));
  const outcome = h("div", { class: "quiz-outcome", tabindex: -1 });
  const submit = h("button", { type: "submit", class: "btn btn-primary" }, "Submit answers");
  const form = h("form", { class: "quiz", novalidate: true }, places.map((place) => place.node), outcome, h("div", { class: "actions" }, submit, tools));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      tell(await score(places.map((place) => place.given)), places, outcome);
    } catch (problem) {
      redraw(outcome, h("p", { class: "alert-box bad", role: "alert" }, problem.message));
    }
    submit.disabled = false;
    submit.textContent = "Submit again";
    outcome.focus();
  });
  return form;
}

const EMPTY = "(no text yet)"; // in a draft

function ask(question, at) {
  const given = { question_id: question.id };
  const legend = newId("asked");
  const holder = h("div", { class: "quiz-answers" });
  redraw(holder, ASKED[question.kind](question, given, holder, legend));
  const note = NOTES[question.kind];
  const text = question.kind === "cloze" ? "Fill the gaps" : question.prompt || EMPTY;
  const result = h("div", { class: "quiz-result" });
  const node = h("fieldset", { class: "quiz-question" },
    h("legend", { id: legend }, `${at + 1}. ${text}`, note && h("span", { class: "quiet" }, ` ${note}`)),
    question.image && h("img", { class: "quiz-picture", src: question.image.url, alt: question.image.alt }),
    holder, result);
  return { question, given, result, node };
}

function pick(question, given) {
  const type = question.kind === "single" ? "radio" : "checkbox";
  const name = newId("pick");
  given.choice_ids = [];
  return question.choices.map((choice) => h("label", { class: "form-check" },
    h("input", { type, name, class: "form-check-input", onchange: ({ target }) => {
      const others = type === "radio" ? [] : given.choice_ids.filter((one) => one !== choice.id);
      given.choice_ids = target.checked ? [...others, choice.id] : others;
    } }),
    h("span", { class: "form-check-label" }, choice.label || EMPTY)));
}

function order(question, given, holder) {
  const labels = Object.fromEntries(question.choices.map((choice) => [choice.id, choice.label || EMPTY]));
  given.order = question.choices.map((choice) => choice.id);
  const move = (from, to) => {
    given.order = moved(given.order, from, to);
    redraw(holder, list());
  };
  const list = () => dragging(h("ol", { class: "quiz-order" }, given.order.map((id, at, all) => h("li", {},
    handle(), h("span", { class: "flex-fill" }, labels[id]), moveButtons(labels[id], at, all.length, id, move)))), move);
  return list();
}

function match(question, given) {
  given.pairs = [];
  const partners = [["", "Choose …"], ...question.matches.map((text) => [text, text])];
  return h("div", { class: "quiz-pairs" }, question.choices.map((choice) => field(choice.label || EMPTY, h("select", { class: "form-select", onchange: ({ target }) => {
    const others = given.pairs.filter((pair) => pair.choice_id !== choice.id);
    given.pairs = target.value ? [...others, { choice_id: choice.id, match: target.value }] : others;
  } }, options(partners, "")))));
}

function typed(question, given, _, legend) {
  const name = question.kind === "numeric" ? "number" : "text";
  return h("input", {
    type: "text", inputmode: name === "number" ? "decimal" : null, class: "form-control quiz-typed", autocomplete: "off",
    "aria-labelledby": legend, oninput: (event) => { given[name] = event.target.value; },
  });
}

function gaps(question, given) {
  given.gaps = Array(Math.max(0, ...gapNumbers(question.prompt))).fill("");
  return h("p", { class: "quiz-cloze" }, question.prompt.split(GAP).map((part, at) => at % 2 === 0 ? part : h("input", {
    type: "text", class: "form-control", "aria-label": `Gap ${part}`, autocomplete: "off",
    oninput: (event) => { given.gaps[Number(part) - 1] = event.target.value; },
  })));
}

function tell(attempt, places, holder) {
  for (const { question, result } of places) {
    const found = attempt.feedback?.find((one) => one.question_id === question.id);
    redraw(result, found && verdict(found, question));
  }
  const text = `${attempt.score_percent} % of the points: ${attempt.is_passed ? "passed" : "not passed"}.`;
  redraw(holder, h("p", { class: `alert-box ${attempt.is_passed ? "" : "warn"}` }, icon(attempt.is_passed ? "circle-check" : "info-circle"), h("strong", {}, text)));
  announce(text);
}

function verdict({ points, points_share: share, is_correct: isCorrect, feedback, choices, solution }, question) {
  const [name, word, tone] = isCorrect ? ["check", "Right", "tone-ok"] : share > 0 ? ["check", "Partly right", "tone-warn"] : ["x", "Not right", "tone-bad"];
  const earned = (Math.round(share * points * 100) / 100).toLocaleString("en-GB");
  const texts = [...choices.map((choice) => choice.feedback), feedback].filter(Boolean);
  const right = !isCorrect && solution && solutionText(solution, question);
  return [
    h("p", { class: "quiz-verdict" }, h("span", { class: `badge ${tone}` }, icon(name), word), h("span", {}, `${earned} of ${plural(points, "point")}`)),
    texts.map((text) => h("p", { class: "quiz-feedback" }, text)),
    right && h("p", { class: "quiz-feedback" }, h("strong", {}, "Right: "), right),
  ];
}

// What is right, in the words of the question.
function solutionText(solution, question) {
  const label = (id) => question.choices.find((choice) => choice.id === id)?.label ?? "";
  const texts = {
    single: () => solution.choice_ids.map(label).join(", "),
    multiple: () => solution.choice_ids.map(label).join(", "),
    ordering: () => solution.order.map(label).join(" → "),
    matching: () => solution.pairs.map((pair) => `${label(pair.choice_id)} – ${pair.match}`).join(", "),
    numeric: () => `${solution.number}${Number(solution.tolerance) ? ` ± ${solution.tolerance}` : ""}`,
    short_text: () => solution.accepted.join(" or "),
    cloze: () => solution.accepted.map((texts) => texts.join(" or ")).join("; "),
  };
  return texts[question.kind]();
}
