// A quiz for its learner: what it is about, the open attempt as it was left, the result. What is shown follows from
// where the server says that one stands, so a reload, a crash or another device change nothing.
import { get, post, query } from "/static/lib/api.js";
import { h, icon, uuid } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { intro } from "../quiz/intro.js";
import { sendStored } from "../quiz/keeper.js";
import { result } from "../quiz/result.js";
import { sitting } from "../quiz/sitting.js";
import { prose } from "./prose.js";

export function view(module, course, player) {
  const ids = { course_id: course.course_id, module_id: module.id };
  const holder = h("div", { class: "quiz-holder", "aria-busy": "true" }, h("p", { class: "quiet" }, _("Loading …")));
  let shown = null;

  function show(screen, { focus }) {
    shown?.stop?.();
    shown = screen;
    holder.removeAttribute("aria-busy");
    holder.replaceChildren(screen.node);
    if (!focus) return;
    screen.focus();
    holder.closest(".card")?.scrollIntoView({ block: "start" });
  }

  const trouble = (problem) => holder.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), h("span", {}, problem.message, " "),
    h("button", { type: "button", class: "btn btn-sm", onclick: () => load({ focus: true }) }, _("Try again"))));

  // `isLooking`: only to hear of the time; the open attempt stays as it is shown.
  async function load({ focus = true, isLooking = false } = {}) {
    let standing;
    try {
      ({ data: standing } = await get(query("/quiz-attempts", ids)));
    } catch (problem) {
      if (player.stopped.aborted || isLooking) return;
      shown?.stop?.();
      trouble(problem);
      return;
    }
    if (player.stopped.aborted) return;
    const open = standing.sitting;
    if (shown?.attempt && shown.attempt === open?.id && (isLooking || open.remaining_s > 0)) return shown.sync(open.remaining_s);
    if (open && open.remaining_s === 0) {
      await sendStored(ids, open.id);
      return finish(open.id).catch(trouble);
    }
    if (open) show({ attempt: open.id, ...sitting(open, ids, { submit: () => finish(open.id), ended: load }) }, { focus });
    else if (standing.attempts.length) show(result(standing, beginButton(_("Try again"))), { focus });
    else show(intro(standing, beginButton(_("Begin"))), { focus });
  }

  // Scored is what is saved. Of an attempt that nobody answered in time there is nothing to score.
  async function finish(attempt) {
    try {
      player.done((await post("/progress", { ...ids, attempt: { id: attempt, answers: [] } }, { stay: true })).data);
    } catch (problem) {
      if (problem.status !== 409) throw problem;
    }
    await load();
  }

  function beginButton(text) {
    const button = h("button", { type: "button", class: "btn btn-primary", onclick: async () => {
      button.disabled = true;
      try {
        await post("/quiz-attempts", { ...ids, id: uuid() }, { stay: true });
        await load();
      } catch (problem) {
        trouble(problem);
      }
    } }, text);
    return button;
  }

  load({ focus: false });
  return { node: h("div", {}, prose(module), holder), stop: () => shown?.stop?.() };
}
