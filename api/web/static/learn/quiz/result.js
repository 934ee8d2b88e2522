// After an attempt: score, passed or not, what may be told of each question, and how to go on.
import { h, icon } from "/static/lib/dom.js";
import { gettext as _, percent } from "/static/lib/i18n.js";
import { answerText, verdict } from "/static/lib/quiz/verdict.js";
import { facts, history } from "./intro.js";

export function result(standing, again) {
  const [attempt] = standing.attempts;
  const isPassed = attempt.is_passed;
  const text = isPassed ? _("Passed with {percent}", { percent: percent(attempt.score_percent) }) : _("Not passed: {percent}", { percent: percent(attempt.score_percent) });
  const heading = h("h3", { tabindex: -1 }, text);
  const next = h("button", { type: "button", class: "btn btn-primary", onclick: () => document.querySelector(".learn-foot .btn-primary")?.click() }, _("Go on"));
  const mayTry = standing.quiz.attempts_left !== 0;
  again.classList.toggle("btn-primary", !isPassed);
  return {
    node: h("div", { class: "quiz-done" },
      h("div", { class: `alert-box quiz-score ${isPassed ? "good" : "warn"}` }, icon(isPassed ? "circle-check" : "info-circle"),
        h("div", {}, heading, h("p", {}, _("{percent} are needed.", { percent: percent(standing.quiz.pass_percent) })),
          attempt.ended_by === "time" && h("p", {}, _("The time was up: what you had saved until then was scored.")),
          !isPassed && !mayTry && h("p", {}, _("You have used all attempts. Ask the course's author if you need another one.")))),
      h("p", { class: "actions" }, isPassed && next, mayTry && again),
      review(standing), mayTry && facts(standing), history(standing)),
    focus: () => heading.focus({ preventScroll: true }),
  };
}

function review({ attempts: [attempt], review: told }) {
  if (!told) return h("p", { class: "quiet" }, _("This quiz does not tell which answers were right."));
  const answers = Object.fromEntries(told.answers.map((one) => [one.question_id, one]));
  const found = Object.fromEntries(attempt.feedback.map((one) => [one.question_id, one]));
  return h("section", { "aria-label": _("Your answers") }, h("ol", { class: "quiz-review" }, told.questions.map((question) => h("li", {},
    h("p", { class: "quiz-asked" }, question.prompt), question.image && h("img", { class: "quiz-picture", src: question.image.url, alt: question.image.alt }),
    h("p", { class: "quiz-given" }, h("span", { class: "quiet" }, _("Your answer:"), " "), answerText(answers[question.id] ?? {}, question) || _("none")),
    found[question.id] && verdict(found[question.id], question)))));
}
