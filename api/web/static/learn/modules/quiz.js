// Not there yet.
import { h } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

export const view = () => ({ node: h("p", { class: "alert-box" }, _("This kind of step is coming.")) });
