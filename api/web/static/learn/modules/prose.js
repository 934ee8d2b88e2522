// The author's words, and the button of a step that its reader ends.
import { h, icon } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

// The server made it from Markdown, with an allow-list: see api/core/markdown.py.
export function prose(module) {
  const node = h("div", { class: "prose" });
  node.innerHTML = module.body_html;
  return module.body_html ? node : "";
}

// Ends the step; a note is in the button's place then. Said without a network it is kept and sent later.
export function doneButton(module, player, label) {
  const place = h("p", { class: "actions step-end" });
  const isDone = () => Boolean(player.course.modules.find((one) => one.id === module.id)?.progress?.completed_at ?? module.progress?.completed_at);
  const said = () => h("span", { class: "tag good" }, icon("check"), _("Done"));
  const button = h("button", { type: "button", class: "btn btn-primary", onclick: () => run() }, icon("check"), label);
  async function run() {
    const hadFocus = document.activeElement === button;
    button.setAttribute("aria-disabled", "true");
    await player.finish();
    const note = said();
    note.tabIndex = -1;
    place.replaceChildren(note);
    if (hadFocus && !player.course.enrollment.completed_at) note.focus();
  }
  place.append(isDone() ? said() : button);
  return { node: place, run };
}
