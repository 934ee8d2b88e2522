// What a learner is told before a quiz, and the quiz itself.
import { duration, h, plural } from "/static/lib/dom.js";
import { trial } from "../items/trial.js";

export function quizPreview({ id, settings }, course) {
  const facts = [
    settings.attempts ? plural(settings.attempts, "attempt") : "as many attempts as you want",
    settings.time_limit_s ? `${duration(settings.time_limit_s)} of time` : null,
    `${settings.pass_percent ?? course.pass_percent} % to pass`,
  ].filter(Boolean);
  return h("div", {}, h("p", { class: "quiet" }, `${facts.join(" · ")}.`), trial(id));
}
