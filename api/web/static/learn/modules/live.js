import { h } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { prose } from "./prose.js";

export const view = (module) => ({ node: h("div", {}, prose(module), h("p", { class: "alert-box" }, _("This kind of step is coming."))) });
