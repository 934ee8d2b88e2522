// On the page of all my notes: what is deleted can be brought back as long as the page is open.
import { del, post, put, query } from "/static/lib/api.js";
import { $, announce, toast, toastError } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

const ways = {
  note: { gone: (one) => del(`/notes/${one.id}`), back: (one) => post("/notes", one), told: () => _("Note deleted.") },
  bookmark: { gone: (one) => del(query("/bookmarks", one)), back: (one) => put("/bookmarks", one), told: () => _("Bookmark taken away.") },
};

$("#notes").addEventListener("click", async (event) => {
  const button = event.target.closest("[data-note], [data-bookmark]");
  if (!button) return;
  const kind = "note" in button.dataset ? "note" : "bookmark", one = JSON.parse(button.dataset[kind]), line = button.closest("li");
  button.disabled = true;
  try { await ways[kind].gone(one); } catch (problem) { button.disabled = false; return toastError(problem); }
  const next = line.nextElementSibling ?? line.previousElementSibling;
  line.hidden = true;
  (next?.querySelector("button") ?? $("#main")).focus();
  toast(ways[kind].told(), { action: { label: _("Undo"), run: async () => {
    try { await ways[kind].back(one); } catch (problem) { return toastError(problem); }
    line.hidden = false;
    button.disabled = false;
    button.focus();
    announce(_("It is back."));
  } } });
});
