// The author's words, and the button of a step that its reader ends.
import { h, icon, toast } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

// The server made it from Markdown, with an allow-list: see api/core/markdown.py.
export function prose(module) {
  const node = h("div", { class: "prose" });
  node.innerHTML = module.body_html;
  return module.body_html ? node : "";
}

// `finish` ends the step once; said twice it is harmless. Gives a note in the button's place once it is done.
export function doneButton(module, player, label, { finish = () => player.progress({ percent: 100 }) } = {}) {
  const place = h("p", { class: "actions step-end" });
  const isDone = () => Boolean(player.course.modules.find((one) => one.id === module.id)?.progress?.completed_at ?? module.progress?.completed_at);
  const said = () => h("span", { class: "tag good" }, icon("check"), _("Done"));
  const button = h("button", { type: "button", class: "btn btn-primary", onclick: () => run() }, icon("check"), label);
  async function run() {
    button.setAttribute("aria-disabled", "true");
    try {
      await finish();
      const note = said();
      note.tabIndex = -1;
      place.replaceChildren(note);
      note.focus();
    } catch (problem) {
      toast(problem.isOffline ? _("No connection: try again in a moment.") : problem.message, { kind: "error" });
    }
    button.removeAttribute("aria-disabled");
  }
  place.append(isDone() ? said() : button);
  return { node: place, run };
}
