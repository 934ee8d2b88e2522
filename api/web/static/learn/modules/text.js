// A text is read once its end was seen for a moment, or its reader says so.
import { h } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { doneButton, prose } from "./prose.js";

export function view(module, course, player) {
  const end = doneButton(module, player, _("I have read it"));
  return { node: h("div", {}, prose(module), end.node) };
}
