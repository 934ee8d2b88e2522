// A quiz as its author tries it, asked as learners are. `questions` don't say what is right; the answers go to
// `score`, which gives what to say of each.
import { announce, h, icon } from "/static/lib/dom.js";
import { ask } from "/static/lib/quiz/ask.js";
import { redraw } from "/static/lib/quiz/redraw.js";
import { verdict } from "/static/lib/quiz/verdict.js";

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

function tell(attempt, places, holder) {
  for (const { question, result } of places) {
    const found = attempt.feedback?.find((one) => one.question_id === question.id);
    redraw(result, found && verdict(found, question));
  }
  const text = `${attempt.score_percent} % of the points: ${attempt.is_passed ? "passed" : "not passed"}.`;
  redraw(holder, h("p", { class: `alert-box ${attempt.is_passed ? "" : "warn"}` }, icon(attempt.is_passed ? "circle-check" : "info-circle"), h("strong", {}, text)));
  announce(text);
}
