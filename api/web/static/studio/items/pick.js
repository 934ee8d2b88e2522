// Taking questions from a bank into a quiz: copies, so that what the bank does later changes nothing here.
import { all } from "/static/lib/api.js";
import { dialog, field, h, options, plural, toast } from "/static/lib/dom.js";
import { copyOf, forEditing, KINDS, titleOf } from "./kinds.js";
import { redraw } from "/static/lib/quiz/redraw.js";

export async function pickFromBank(banks) {
  if (!banks.length) {
    toast("There is no question bank yet: make one under “Question banks”.");
    return [];
  }
  const chosen = new Map();
  const list = h("ul", { class: "pick-list" });
  const search = h("input", { type: "search", class: "form-control", oninput: () => show() });
  const bank = h("select", { class: "form-select", onchange: () => load() }, options(banks.map((one) => [one.id, one.title]), banks[0].id));
  const count = h("p", { class: "quiet mb-0", role: "status" });
  let items = [];
  const tell = () => { count.textContent = `${plural(chosen.size, "question")} chosen.`; };
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = items.filter((item) => `${item.prompt} ${item.tags.join(" ")}`.toLowerCase().includes(wanted));
    redraw(list, found.length ? found.map(row) : h("li", { class: "quiet" }, "No item reads like that."));
  };
  const row = (item) => h("li", {}, h("label", { class: "form-check" },
    h("input", { type: "checkbox", class: "form-check-input", checked: chosen.has(item.item_id), onchange: ({ target }) => {
      if (target.checked) chosen.set(item.item_id, item); else chosen.delete(item.item_id);
      tell();
    } }),
    h("span", { class: "form-check-label" }, titleOf(item), h("span", { class: "quiet d-block" }, [KINDS[item.kind].label, ...item.tags].join(" · ")))));
  const load = async () => {
    items = await all("/bank-items", { bank_id: bank.value });
    show();
  };
  await load();
  tell();
  const content = h("div", {}, h("div", { class: "cols" }, field("Bank", bank), field("Search", search)), list, count);
  const answer = await dialog("Add questions from a bank", content, [{ value: "", label: "Cancel" }, { value: "add", label: "Add them", kind: "btn-primary" }], { size: "wide" });
  return answer === "add" ? [...chosen.values()].map((item) => copyOf(forEditing(item))) : [];
}
