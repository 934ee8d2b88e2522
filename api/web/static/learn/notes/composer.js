// A field to write in, with the place in the video where it was begun. What isn't saved stays in the field.
import { announce, h, newId } from "/static/lib/dom.js";
import { gettext as _, place } from "/static/lib/i18n.js";

// `save({text, at_s})` gives a promise; `player` is left out where there is no time to tell.
export function composer({ label, hint, action, longest, player, save, text = "", at = null, cancel }) {
  const id = newId("write");
  let began = at;
  const field = h("textarea", { id, class: "form-control notes-field", rows: 3, maxlength: longest, "aria-describedby": `${id}-hint ${id}-wrong`, value: text });
  const timed = h("input", { type: "checkbox", checked: text ? at !== null : true });
  const when = h("span");
  const box = h("label", { class: "notes-when", hidden: true }, timed, when);
  const wrong = h("p", { id: `${id}-wrong`, class: "form-error", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: "btn btn-primary" }, action);

  // The place follows the video until somebody begins to write.
  function follow() {
    const here = player?.position() ?? null;
    if (began === null || !field.value) began = text ? began : here;
    box.hidden = began === null;
    when.textContent = began === null ? "" : _("At {time}", { time: place(began) });
  }
  const timer = player && !text ? setInterval(follow, 1000) : null;
  follow();

  const form = h("form", {
    class: "notes-write",
    onsubmit: async (event) => {
      event.preventDefault();
      if (!field.value.trim()) return field.focus();
      button.disabled = true;
      try {
        await save({ text: field.value, at_s: box.hidden || !timed.checked ? null : Math.floor(began) });
        wrong.hidden = true;
        if (!text) { field.value = ""; began = null; follow(); }
      } catch (problem) {
        wrong.textContent = problem.isOffline ? _("Not saved: there is no connection. Your text stays here; try again.") : _("Not saved: {reason}", { reason: problem.message });
        wrong.hidden = false;
      }
      button.disabled = false;
    },
  },
  h("label", { class: "form-label", for: id }, label), field,
  h("p", { id: `${id}-hint`, class: "form-hint" }, hint),
  h("div", { class: "notes-do" }, box, cancel ? h("button", { type: "button", class: "btn", onclick: cancel }, _("Cancel")) : null, button), wrong);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
    if (event.key === "Escape" && cancel) { event.stopPropagation(); cancel(); }
  });
  return { node: form, focus: () => { follow(); field.focus(); field.scrollIntoView({ block: "center" }); }, stop: () => clearInterval(timer) };
}

// A time that leads to its place.
export const timeButton = (player, at) => h("button", {
  type: "button", class: "notes-time", "aria-label": _("Go to {time} in the video", { time: place(at) }),
  onclick: () => { player.seek(at); announce(_("At {time}", { time: place(at) })); },
}, place(at));
