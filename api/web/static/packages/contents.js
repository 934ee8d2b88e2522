// The parts of a package, each with how far one is.
import { h } from "/static/lib/dom.js";
import { gettext as _, percent } from "/static/lib/i18n.js";

export function describe(item) {
  if (item.percent === 100) return item.score_percent === null ? _("Done") : _("Done, score {percent}", { percent: percent(item.score_percent) });
  if (item.percent > 0) return _("{percent} done", { percent: percent(item.percent) });
  return item.revision > 0 ? _("Begun") : _("Not begun");
}

export class Contents {
  constructor(open) {
    this.open = open;
    this.entries = new Map(); // item -> its button
    this.list = h("ol");
    this.node = h("nav", { id: "contents", "aria-label": _("Contents"), hidden: true }, h("p", { class: "contents-title", "aria-hidden": "true" }, _("Contents")), this.list);
  }

  draw(items, here) {
    this.node.hidden = items.length < 2;
    for (const item of items) {
      if (!this.entries.has(item)) this.add(item);
      const button = this.entries.get(item);
      const [tag, style, text] = [button.firstChild, item.percent === 100 ? "good" : item === here ? "now" : "", item.percent === 100 ? _("Done") : item === here ? _("Now") : _("Open")];
      tag.className = `tag ${style}`;
      tag.textContent = text;
      if (item === here) button.setAttribute("aria-current", "step"); else button.removeAttribute("aria-current");
    }
  }

  add(item) {
    const button = h("button", { type: "button", onclick: () => this.open(item) }, h("span", {}), item.title);
    this.entries.set(item, button);
    this.list.append(h("li", {}, button));
  }
}
