// One bank: its items with tags, found by words and tags, written with the same form as in a quiz. Each item is saved
// by itself; If-Match keeps two authors from overwriting each other.
import { all, del, get, post, put } from "/static/lib/api.js";
import { $, announce, debounce, field, h, icon, options, plural, toast, toastError } from "/static/lib/dom.js";
import { bankItem } from "./items/bankitem.js";
import { KINDS, newItem } from "./items/kinds.js";
import { redraw } from "/static/lib/quiz/redraw.js";

const id = $("#page").dataset.bankId;
const place = $("#bank");
const list = h("ol", { class: "items" });
const found = h("p", { class: "quiet", role: "status" });
const tag = h("select", { class: "form-select", onchange: () => show() });
const search = h("input", { type: "search", class: "form-control", oninput: debounce(() => show(), 250) });
let bank;

async function load() {
  await facts();
  document.title = `${bank.title} · Praxis studio`;
  place.removeAttribute("aria-busy");
  place.replaceChildren(
    ...(bank.is_mine ? [] : [h("p", { class: "alert-box" }, icon("info-circle"), `This bank is of ${bank.owner_name}: you may draw from it, not change it.`)]),
    h("div", { class: "filter" }, field("Search in the questions", search), field("Tag", tag)),
    found, list, ...(bank.is_mine ? [adding()] : []));
  await show();
}

async function facts() {
  ({ data: bank } = await get(`/question-banks/${id}`));
  $("#title").textContent = bank.title;
  const chosen = tag.value;
  tag.replaceChildren(...options([["", "All"], ...bank.tags.map((one) => [one.tag, `${one.tag} (${one.item_count})`])], chosen));
}

let asked = 0;

async function show() {
  const turn = ++asked;
  const items = await all("/bank-items", { bank_id: id, tag: tag.value, search: search.value.trim(), limit: 100 }).catch((problem) => { toastError(problem); return null; });
  if (!items || turn !== asked) return;
  found.textContent = bank.item_count ? `${plural(items.length, "item")}${tag.value || search.value.trim() ? ` of ${bank.item_count}` : ""}` : "";
  redraw(list, items.length ? items.map(card) : h("li", { class: "card empty" }, icon("database"),
    h("h2", {}, bank.item_count ? "Nothing found" : "No item yet"),
    h("p", {}, bank.item_count ? "No item reads like that or has this tag." : "Add the first question below.")));
}

function card(item) {
  return bankItem(item, {
    isMine: bank.is_mine,
    save: async (body, { revision }) => {
      const path = `/bank-items${item.item_version ? `/${item.item_id}` : ""}`;
      const { data } = await (item.item_version ? put(path, body, { etag: `"${revision}"`, stay: true }) : post(path, { ...body, item_id: item.item_id, bank_id: id }, { stay: true }));
      facts().catch(toastError);
      return data;
    },
    reread: show,
    remove: () => remove(item),
  });
}

async function remove(item) {
  const card = list.querySelector(`#item-${item.item_id}`);
  if (!item.item_version) {
    card.remove();
    return;
  }
  try {
    await del(`/bank-items/${item.item_id}`);
    toast("The item is deleted.", { action: { label: "Undo", run: () => bringBack(item) } });
    await refresh();
    search.focus();
  } catch (problem) { toastError(problem); }
}

async function bringBack({ id: _, ...item }) {
  try {
    await post("/bank-items", { ...item, bank_id: id });
    await refresh();
  } catch (problem) { toastError(problem); }
}

const refresh = () => Promise.all([facts(), show()]);

function begin(kind) {
  const item = { ...newItem(kind), item_id: crypto.randomUUID(), tags: tag.value ? [tag.value] : [] };
  list.querySelector(".empty")?.remove();
  const node = card(item);
  list.append(node);
  node.dispatchEvent(new Event("open"));
  announce(`A new item: ${KINDS[kind].label}.`);
}

function adding() {
  const kinds = Object.entries(KINDS).map(([kind, { label }]) => h("button", { type: "button", class: "btn btn-sm", onclick: () => begin(kind) }, icon("plus"), label));
  return h("section", { class: "card mt-3", "aria-labelledby": "add" }, h("div", { class: "card-body add-row" }, h("h2", { id: "add" }, "Add an item"), kinds));
}

load().catch((problem) => place.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message)));
