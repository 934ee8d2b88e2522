// One comment, and what its writer, a reader or an author of the course can do with it.
import { del, put } from "/static/lib/api.js";
import { announce, confirmDialog, dialog, field, h, icon, iconButton, setError, toastError } from "/static/lib/dom.js";
import { gettext as _, clock, day, ngettext } from "/static/lib/i18n.js";
import { composer, timeButton } from "./composer.js";

export function said(one, { player, mayHide, changed, reply, longest }) {
  const line = h("li", { dataset: { id: one.id } });
  const did = (text) => { changed(); announce(text); };
  const attempt = async (run) => { try { await run(); } catch (problem) { toastError(problem); } };

  const edit = () => {
    const form = composer({
      label: _("Change this comment"), action: _("Save"), hint: "", longest, text: one.text, cancel: changed,
      async save({ text }) {
        await put(`/comments/${one.id}`, { text }, { stay: true });
        Object.assign(one, { text: text.trim(), edited_at: new Date().toISOString() });
        did(_("Comment saved."));
      },
    });
    line.querySelector(".notes-body").replaceChildren(form.node);
    form.focus();
  };
  const remove = () => attempt(async () => {
    if (!await confirmDialog(_("Delete this comment?"), _("Its words are gone for good. Answers to it stay."), _("Delete"))) return;
    await del(`/comments/${one.id}`);
    Object.assign(one, { text: "", name: "", is_deleted: true });
    did(_("Comment deleted."));
  });
  const report = () => attempt(async () => {
    const text = _("The authors of the course are asked to look at it. They don't see who asked.");
    if (!await confirmDialog(_("Report this comment?"), text, _("Report"), "btn-primary")) return;
    await put("/comment-reports", { comment_id: one.id });
    announce(_("Reported to the authors."));
  });
  const hide = () => attempt(async () => {
    const reason = h("input", { class: "form-control", maxlength: 500 });
    const before = async () => { setError(reason, reason.value.trim() ? "" : _("Say why.")); return Boolean(reason.value.trim()); };
    const buttons = [{ value: "", label: _("Cancel") }, { value: "yes", label: _("Hide"), kind: "btn-primary" }];
    if (!one.is_hidden && await dialog(_("Hide this comment?"), field(_("Reason, for the log"), reason), buttons, { before }) !== "yes") return;
    await put("/comment-visibility", { comment_id: one.id, is_hidden: !one.is_hidden, reason: reason.value });
    one.is_hidden = !one.is_hidden;
    did(one.is_hidden ? _("Comment hidden.") : _("Comment shown again."));
  });

  if (one.is_deleted || (one.is_hidden && !one.text)) {
    line.append(h("p", { class: "quiet notes-body" }, one.is_deleted ? _("This comment was deleted.") : _("An author of the course has hidden this comment.")));
    return line;
  }
  line.append(
    h("div", { class: "said-head" }, h("strong", {}, one.name), one.is_author ? h("span", { class: "tag now" }, _("Author of the course")) : null,
      one.is_hidden ? h("span", { class: "tag warn" }, icon("eye-off"), _("Hidden")) : null,
      one.reports ? h("span", { class: "tag bad" }, icon("flag"), ngettext("{n} report", "{n} reports", one.reports)) : null,
      h("span", { class: "quiet small" }, `${day(one.created_at)}, ${clock(one.created_at)}`, one.edited_at ? ` · ${_("changed")}` : "")),
    h("div", { class: "notes-body" }, one.at_s === null ? null : timeButton(player, one.at_s), h("p", { class: "notes-text" }, one.text)),
    h("div", { class: "said-tools" },
      reply ? h("button", { type: "button", class: "btn btn-link btn-sm reply", onclick: reply }, _("Answer")) : null,
      one.may_edit ? iconButton("pencil", _("Change this comment"), edit) : null,
      one.is_mine ? iconButton("trash", _("Delete this comment"), remove) : iconButton("flag", _("Report this comment"), report),
      mayHide ? iconButton(one.is_hidden ? "eye" : "eye-off", one.is_hidden ? _("Show this comment again") : _("Hide this comment"), hide) : null));
  return line;
}
