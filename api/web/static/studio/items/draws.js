// Questions that a quiz draws from banks: other ones for each attempt.
import { field, h, icon, iconButton, options, plural } from "/static/lib/dom.js";
import { all } from "/static/lib/api.js";
import { redraw } from "/static/lib/quiz/redraw.js";

export function drawList(settings, banks, changed) {
  const holder = h("div", { class: "draws" });
  const show = () => redraw(holder, settings.draws.map((draw, at) => drawRow(draw, at)), tools());
  function tools() {
    if (!banks.length) return h("p", { class: "quiet" }, "There is no question bank yet. ", h("a", { href: "/studio/banks" }, "Make one"), " to draw questions by chance.");
    const add = () => { settings.draws.push({ bank_id: banks[0].id, tags: [], count: 1 }); show(); changed(); holder.querySelector(".draw:last-of-type select").focus(); };
    return h("button", { type: "button", class: "btn btn-sm", disabled: settings.draws.length >= 20, onclick: add }, icon("plus"), "Draw from a bank");
  }
  function drawRow(draw, at) {
    const match = h("p", { class: "draw-match", role: "status" });
    const count = async () => {
      const matching = await howMany(draw);
      const isShort = matching < draw.count;
      match.className = `draw-match ${isShort ? "is-short" : ""}`;
      match.replaceChildren(icon(isShort ? "alert-triangle" : "circle-check"), isShort
        ? `Only ${plural(matching, "item")} match: add items to the bank, or draw fewer.`
        : `${plural(matching, "item")} match; ${draw.count} of them for each attempt.`);
    };
    const edit = (change) => { Object.assign(draw, change); changed(); count(); };
    const bank = h("select", { class: "form-select", onchange: (event) => edit({ bank_id: event.target.value }) }, options(banks.map((one) => [one.id, one.title]), draw.bank_id));
    const tags = h("input", { type: "text", class: "form-control", value: draw.tags.join(", "), onchange: (event) => edit({ tags: tagsOf(event.target.value) }) });
    const number = h("input", { type: "number", class: "form-control", min: 1, max: 100, value: draw.count, oninput: ({ target }) => target.value && target.validity.valid && edit({ count: Number(target.value) }) });
    const remove = () => { settings.draws.splice(at, 1); show(); changed(); holder.querySelector("button")?.focus(); };
    count();
    return h("fieldset", { class: "draw" },
      h("legend", { class: "visually-hidden" }, `Draw ${at + 1}`),
      h("div", { class: "cols" }, field("Bank", bank), field("Tags", tags, { hint: "With all of these, by commas; empty: any." }), field("How many", number)),
      h("div", { class: "draw-foot" }, match, iconButton("trash", `Remove draw ${at + 1}`, remove, { class: "btn btn-icon btn-sm" })));
  }
  show();
  return holder;
}

const items = new Map();

async function howMany({ bank_id: id, tags }) {
  if (!items.has(id)) items.set(id, all("/bank-items", { bank_id: id, limit: 100 }));
  return (await items.get(id)).filter((item) => tags.every((tag) => item.tags.includes(tag))).length;
}

export const tagsOf = (text) => [...new Set(text.split(",").map((tag) => tag.trim().toLowerCase()).filter(Boolean))];
