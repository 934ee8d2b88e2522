// An open attempt: all its questions on one page, so that reading, the keyboard and a screen reader work as everywhere;
// above them stays what is answered, whether it is saved, and the time.
import { announce, h, icon } from "/static/lib/dom.js";
import { gettext as _, ngettext } from "/static/lib/i18n.js";
import { ask, isAnswered } from "/static/lib/quiz/ask.js";
import { clock } from "./clock.js";
import { Keeper } from "./keeper.js";
import { track } from "./track.js";
import { missing, wrongNumber } from "./missing.js";

const SAID = {
  saving: () => ["refresh", _("Saving …")],
  saved: () => ["circle-check", _("Saved")],
  offline: () => ["wifi-off", _("No connection: kept on this device, sent when you are back")],
  ended: () => ["alert-triangle", _("This attempt has ended")],
};

// `submit()` scores what is saved; `ended()` looks again where one stands. Both are the module's.
export function sitting(told, ids, { submit, ended }) {
  const saved = h("span", { class: "quiz-saved", role: "status" });
  const answered = h("span", { class: "quiz-count" });
  const say = (name) => {
    if (saved.dataset.state === name) return;
    saved.dataset.state = name;
    const [symbol, text] = SAID[name]();
    saved.replaceChildren(icon(symbol), text);
  };
  const keeper = new Keeper(ids, told.id, {
    told: (name) => { say(name); if (name === "ended") ended(); },
    answered: ({ remaining_s: seconds }) => time?.sync(seconds),
  });
  const known = keeper.merged(told.answers);
  const places = told.questions.map((question, at) => {
    const place = ask(question, at, { given: known[question.id] ?? {}, changed: (given) => { tracked.count(); keeper.keep(given); count(); } });
    const tracked = track(place);
    return place;
  });
  const open = () => places.filter(({ question, given }) => !isAnswered(question, given));
  const count = () => { answered.textContent = _("{n} of {all} answered", { n: places.length - open().length, all: places.length }); };

  const notice = h("div", { class: "quiz-missing" });
  const button = h("button", { type: "submit", class: "btn btn-primary" }, _("Submit answers"));
  let isSure = false;
  const form = h("form", { class: "quiz", novalidate: true, onsubmit: send }, places.map((place) => place.node), notice, h("p", { class: "actions" }, button));

  async function send(event) {
    event?.preventDefault();
    const wrong = wrongNumber(places);
    if (event && wrong) return;
    if (event && !isSure && open().length) {
      isSure = true;
      notice.replaceChildren(missing(open(), places));
      button.textContent = _("Submit anyway");
      notice.firstChild.focus();
      return;
    }
    button.disabled = true;
    try {
      if (!(await keeper.flush())) throw new Error(_("There is no connection. Your answers are kept on this device: submit again once you are back."));
      await submit();
      keeper.forget();
    } catch (problem) {
      button.disabled = false;
      if (problem.status === 409) { keeper.forget(); ended(); return; }
      notice.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.status === 0 || !problem.status ? problem.message : _("The answers could not be submitted: {reason}", { reason: problem.message })));
    }
  }

  const time = told.remaining_s === null ? null : clock(told.remaining_s, async () => {
    await keeper.flush();
    announce(_("The time is up."));
    ended();
  });
  const again = () => { if (!document.hidden && time) ended({ isLooking: true }); };
  document.addEventListener("visibilitychange", again);
  count();
  if (told.answers.length) say("saved");
  const bar = h("div", { class: "quiz-bar" }, answered, saved, time?.node);
  const extra = told.extra_percent > 0 && h("p", { class: "quiet quiz-extra" }, _("With your extra time."));
  const heading = h("h3", { class: "visually-hidden", tabindex: -1 }, ngettext("{n} question", "{n} questions", places.length));
  return {
    node: h("div", {}, heading, bar, extra, form),
    focus: () => heading.focus({ preventScroll: true }),
    sync: (seconds) => time?.sync(seconds),
    stop: () => { keeper.stop(); time?.stop(); document.removeEventListener("visibilitychange", again); },
  };
}
