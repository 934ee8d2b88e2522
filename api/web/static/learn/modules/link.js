// A page of another site: opened in a tab of its own, done when its reader says so.
import { h, icon } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { doneButton, prose } from "./prose.js";

export function view(module, course, player) {
  if (!/^https?:/.test(module.url)) return { node: h("p", { class: "alert-box warn" }, icon("info-circle"), _("This step has no address yet: tell the course's author.")) };
  return { node: h("div", {}, prose(module),
    h("p", { class: "quiet" }, _("This step is on another site: {host}", { host: new URL(module.url).host })),
    h("p", { class: "actions" }, h("a", { class: "btn", href: module.url, target: "_blank", rel: "noopener noreferrer" }, icon("external-link"), _("Open in a new tab"))),
    doneButton(module, player, _("I have done it")).node) };
}
