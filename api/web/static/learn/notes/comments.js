// What those who learn this course say to each other about a step, with names.
import { get, post, query } from "/static/lib/api.js";
import { announce, h, uuid } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { composer } from "./composer.js";
import { said } from "./said.js";

const LONGEST = 2000;

export function commentsTab(player) {
  const address = { module_id: player.module.id };
  let threads = [], mayHide = false, opened = false, pending = uuid(), next = null;
  const list = h("ul", { class: "notes-list threads" });
  const state = h("p", { class: "quiet", role: "status" }, _("Loading …"));
  const more = h("button", { type: "button", class: "btn", hidden: true, onclick: () => load(next) }, _("Show more"));
  const count = h("span", { hidden: true });
  const hint = _("All who learn this course read it, with your name. You can change it for 15 minutes.");
  const write = composer({
    label: _("New comment"), action: _("Send comment"), hint, longest: LONGEST, player,
    async save(given) { await send(given); announce(_("Comment sent.")); },
  });

  async function send(given, parent) {
    const { data } = await post("/comments", { id: pending, ...address, parent_id: parent?.id, ...given }, { stay: true });
    pending = uuid();
    if (parent) parent.replies.push(data); else threads.unshift({ ...data, replies: [] });
    draw();
  }

  function draw() {
    list.replaceChildren(...threads.filter((one) => !one.is_deleted || one.replies.length).map((thread) => {
      const line = said(thread, { player, mayHide, changed: draw, longest: LONGEST, reply: thread.is_deleted ? null : () => answer(thread, line) });
      const replies = thread.replies.map((reply) => said(reply, { player, mayHide, longest: LONGEST, changed: () => {
        thread.replies = thread.replies.filter((one) => !one.is_deleted);
        draw();
      } }));
      if (replies.length) line.append(h("ul", { class: "notes-list replies" }, replies));
      return line;
    }));
    state.hidden = list.children.length > 0;
    state.textContent = _("Nobody has said anything here yet. Ask, or tell what helped you.");
    more.hidden = !next;
  }

  function answer(thread, line) {
    const back = () => { form.node.remove(); line.querySelector(".reply")?.focus(); };
    const form = composer({
      label: _("Answer to {name}", { name: thread.name }), action: _("Send answer"), hint, longest: LONGEST, cancel: back,
      async save(given) {
        await send({ text: given.text }, thread);
        list.querySelector(`[data-id="${thread.id}"] .reply`)?.focus();
        announce(_("Answer sent."));
      },
    });
    line.append(form.node);
    form.focus();
  }

  async function load(cursor) {
    try {
      const { data } = await get(query("/comments", { ...address, cursor }), { stay: true });
      threads = cursor ? [...threads, ...data.items] : data.items;
      ({ next, may_hide: mayHide } = data);
      draw();
    } catch (problem) {
      opened = false;
      state.hidden = false;
      state.textContent = _("The comments can't be shown now: {reason}", { reason: problem.message });
    }
  }
  const open = () => { if (!opened) { opened = true; load(); } };
  return { node: h("div", { class: "notes-tab-in" }, write.node, state, list, more), count, open, stop: write.stop };
}
