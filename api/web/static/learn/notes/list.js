// My notes on this step, by their place in it.
import { all, del, post, put } from "/static/lib/api.js";
import { announce, h, iconButton, toast, toastError, uuid } from "/static/lib/dom.js";
import { gettext as _, day, ngettext } from "/static/lib/i18n.js";
import { composer, timeButton } from "./composer.js";

const LONGEST = 5000;
const byPlace = (a, b) => (a.at_s ?? Infinity) - (b.at_s ?? Infinity) || a.created_at.localeCompare(b.created_at);

export function notesTab(player) {
  let notes = [], pending = uuid(), opened = false;
  const list = h("ul", { class: "notes-list" });
  const state = h("p", { class: "quiet", role: "status" }, _("Loading …"));
  const count = h("span", { class: "tag" });
  const write = composer({
    label: _("New note"), action: _("Save note"), longest: LONGEST, player,
    hint: _("Only you read it. Press N to begin a note where the video is, Ctrl+Enter to save."),
    async save(given) {
      const { data } = await post("/notes", { id: pending, module_id: player.module.id, ...given }, { stay: true });
      pending = uuid();
      notes.push(data);
      draw();
      announce(_("Note saved."));
    },
  });

  function draw(problem) {
    notes.sort(byPlace);
    list.replaceChildren(...notes.map(item));
    count.hidden = !notes.length;
    count.textContent = notes.length;
    count.setAttribute("aria-label", ngettext("{n} note", "{n} notes", notes.length));
    state.hidden = notes.length > 0 && !problem;
    state.textContent = problem ? _("Your notes can't be shown now: {reason}", { reason: problem.message }) : _("No notes here yet.");
  }

  function item(note) {
    const body = h("div", { class: "notes-body" }, h("p", { class: "notes-text" }, note.text), h("p", { class: "quiet small" }, day(note.updated_at)));
    const line = h("li", { dataset: { id: note.id } }, note.at_s === null ? null : timeButton(player, note.at_s), body,
      h("div", { class: "notes-tools" },
        iconButton("pencil", _("Change this note"), () => edit(note, line)),
        iconButton("trash", _("Delete this note"), () => remove(note, line))));
    return line;
  }

  function edit(note, line) {
    const back = () => { line.replaceWith(item(note)); list.querySelector(`[data-id="${note.id}"] .notes-tools button`)?.focus(); };
    const form = composer({
      label: _("Change this note"), action: _("Save note"), hint: "", longest: LONGEST, player, text: note.text, at: note.at_s, cancel: back,
      async save(given) {
        Object.assign(note, (await put(`/notes/${note.id}`, given, { stay: true })).data);
        draw();
        list.querySelector(`[data-id="${note.id}"] .notes-tools button`)?.focus();
        announce(_("Note saved."));
      },
    });
    line.replaceChildren(form.node);
    form.focus();
  }

  async function remove(note, line) {
    const next = (line.nextElementSibling ?? line.previousElementSibling)?.querySelector(".notes-tools button:last-child");
    try { await del(`/notes/${note.id}`, { stay: true }); } catch (problem) { return toastError(problem); }
    notes = notes.filter((one) => one !== note);
    line.remove();
    draw();
    (list.querySelector(".notes-tools button:last-child") && next?.isConnected ? next : write.node.querySelector("textarea")).focus();
    toast(_("Note deleted."), { action: { label: _("Undo"), run: () => restore(note) } });
  }

  async function restore(note) {
    try {
      const { data } = await post("/notes", { id: note.id, module_id: player.module.id, text: note.text, at_s: note.at_s });
      notes.push(data);
      draw();
      announce(_("The note is back."));
    } catch (problem) { toastError(problem); }
  }

  async function open() {
    if (opened) return;
    opened = true;
    try { notes = await all("/notes", { module_id: player.module.id }); draw(); } catch (problem) { opened = false; draw(problem); }
  }
  count.hidden = true;
  return { node: h("div", { class: "notes-tab-in" }, write.node, state, list), count, open, begin: write.focus, stop: write.stop };
}
