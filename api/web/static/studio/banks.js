// The banks of the person: begun, renamed, deleted where nothing draws from them any more.
import { del, get, post, put } from "/static/lib/api.js";
import { $, confirmDialog, day, dialog, field, h, icon, iconButton, plural, toast, toastError } from "/static/lib/dom.js";

const place = $("#banks");

async function load() {
  const { data } = await get("/question-banks");
  place.removeAttribute("aria-busy");
  $("#actions").replaceChildren(h("button", { type: "button", class: "btn btn-primary", onclick: create }, icon("plus"), "New bank"));
  place.replaceChildren(data.items.length ? h("section", { class: "card", "aria-label": "Banks" }, h("ul", { class: "bank-list" }, data.items.map(row))) : empty());
}

const empty = () => h("div", { class: "card empty" }, icon("database"), h("h2", {}, "No question bank yet"),
  h("p", {}, "A bank holds questions with tags. A quiz draws some of them by chance, other ones for each attempt."),
  h("button", { type: "button", class: "btn btn-primary", onclick: create }, icon("plus"), "New bank"));

function row(bank) {
  const name = h("a", { href: `/studio/banks/${bank.id}` }, bank.title);
  return h("li", {},
    h("div", { class: "bank-name" }, name, bank.description && h("span", { class: "quiet d-block fw-normal" }, bank.description)),
    h("span", { class: "quiet" }, plural(bank.item_count, "item")),
    h("span", { class: "tags" }, bank.tags.slice(0, 4).map(({ tag }) => h("span", { class: "badge" }, tag))),
    h("span", { class: "quiet" }, bank.is_mine ? day(bank.updated_at) : `of ${bank.owner_name}`),
    bank.is_mine && h("span", { class: "item-tools" },
      iconButton("pencil", `Rename ${bank.title}`, () => rename(bank), { class: "btn btn-icon btn-sm" }),
      iconButton("trash", `Delete ${bank.title}`, () => remove(bank), { class: "btn btn-icon btn-sm" })));
}

async function ask(title, bank, label) {
  const name = h("input", { type: "text", class: "form-control", required: true, maxlength: 200, value: bank.title });
  const text = h("input", { type: "text", class: "form-control", maxlength: 500, value: bank.description });
  const answer = await dialog(title, [field("Name", name), field("What it is for", text, { optional: true })], [{ value: "", label: "Cancel" }, { value: "yes", label, kind: "btn-primary" }]);
  return answer && { title: name.value, description: text.value };
}

async function create() {
  const wish = await ask("A new question bank", { title: "", description: "" }, "Begin it");
  if (!wish) return;
  try {
    const { data } = await post("/question-banks", { id: crypto.randomUUID(), ...wish });
    location.assign(`/studio/banks/${data.id}`);
  } catch (problem) { toastError(problem); }
}

async function rename(bank) {
  const wish = await ask("Rename the bank", bank, "Save");
  if (wish) await run(() => put(`/question-banks/${bank.id}`, wish), `Now called ${wish.title}.`);
}

async function remove(bank) {
  const text = `${plural(bank.item_count, "item")} go with it. Quizzes that are published keep their copies.`;
  if (await confirmDialog(`Delete ${bank.title}?`, text, "Delete it")) await run(() => del(`/question-banks/${bank.id}`), `${bank.title} is deleted.`);
}

async function run(step, said) {
  try {
    await step();
    toast(said);
    await load();
  } catch (problem) { toastError(problem); }
}

load().catch((problem) => place.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message)));
