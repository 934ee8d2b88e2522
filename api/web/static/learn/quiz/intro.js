// Before an attempt: what it asks, how long one has, how often, what is enough; and what happened before.
import { h, icon } from "/static/lib/dom.js";
import { day, duration, gettext as _, ngettext, percent } from "/static/lib/i18n.js";

export function facts({ quiz, time_s: time, extra_time_percent: extra }) {
  const left = quiz.attempts_left;
  return h("ul", { class: "quiz-facts" }, [
    ["list-check", ngettext("{n} question", "{n} questions", quiz.question_count)],
    ["clock", time === null ? _("No time limit") : extra ? _("{time}, with your extra time", { time: duration(time) }) : _("{time} of time", { time: duration(time) })],
    ["circle-check", _("{percent} to pass", { percent: percent(quiz.pass_percent) })],
    ["refresh", left === null ? _("As many attempts as you want") : ngettext("{n} attempt left", "{n} attempts left", left)],
  ].map(([name, text]) => h("li", {}, icon(name), text)));
}

export function history({ attempts }) {
  if (!attempts.length) return null;
  return h("details", { class: "quiz-history" }, h("summary", {}, ngettext("{n} attempt so far", "{n} attempts so far", attempts.length)),
    h("ol", { class: "list" }, attempts.map((one) => h("li", {},
      h("span", {}, _("Attempt {n}", { n: one.number })), h("span", { class: "quiet" }, day(one.submitted_at)),
      h("span", {}, percent(one.score_percent)), h("span", { class: `tag ${one.is_passed ? "good" : ""}` }, one.is_passed ? _("Passed") : _("Not passed"))))));
}

export function intro(standing, begin) {
  const heading = h("h3", { class: "visually-hidden", tabindex: -1 }, _("About this quiz"));
  const isUsedUp = standing.quiz.attempts_left === 0;
  const saved = h("p", { class: "quiet" }, standing.time_s === null
    ? _("Each answer is saved at once: you can go on later, on another device too.")
    : _("The time runs from when you begin, and goes on if you leave. Each answer is saved at once; when the time is up, what is saved is scored."));
  return {
    node: h("div", { class: "quiz-intro" }, heading, facts(standing), isUsedUp ? null : saved,
      isUsedUp ? h("p", { class: "alert-box" }, icon("info-circle"), _("You have used all attempts. Ask the course's author if you need another one."))
        : h("p", { class: "actions" }, begin), history(standing)),
    focus: () => heading.focus({ preventScroll: true }),
  };
}
