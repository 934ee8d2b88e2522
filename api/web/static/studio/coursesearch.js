// Published courses by a search as one types: a field whose list offers what `taken` doesn't name yet.
import { get, query } from "/static/lib/api.js";
import { announce, debounce, h, newId } from "/static/lib/dom.js";

export function courseSearch(taken, onpick, { id = newId("courses"), label = "Courses" } = {}) {
  const input = h("input", { class: "form-control", type: "search", id, role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off", placeholder: "Search published courses" });
  const list = h("ul", { class: "options", role: "listbox", id: newId("options"), "aria-label": `${label}: found`, hidden: true });
  input.setAttribute("aria-controls", list.id);
  let found = [], at = -1;
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); at = -1; };
  const pick = (course) => { onpick(course); announce(`${course.title} added`); input.value = ""; close(); input.focus(); };
  const mark = (next) => {
    at = found.length ? (next + found.length) % found.length : -1;
    [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    if (at >= 0) { input.setAttribute("aria-activedescendant", list.children[at].id); list.children[at].scrollIntoView({ block: "nearest" }); }
  };
  const search = debounce(async () => {
    const told = input.value.trim();
    if (!told) { close(); return; }
    const { data } = await get(query("/courses", { search: told, limit: 8 })).catch(() => ({ data: { items: [] } }));
    if (input.value.trim() !== told) return;
    found = data.items.filter((one) => !taken().includes(one.id));
    list.replaceChildren(...(found.length
      ? found.map((course) => h("li", { role: "option", id: newId("option"), "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); pick(course); } }, course.title, h("span", { class: "quiet" }, ` · ${course.category}`)))
      : [h("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, "No published course is found.")]));
    list.hidden = false; input.setAttribute("aria-expanded", "true");
    mark(0);
  }, 250);
  input.addEventListener("input", search);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); if (!list.hidden) mark(at + (event.key === "ArrowDown" ? 1 : -1)); }
    else if (event.key === "Enter") { event.preventDefault(); if (!list.hidden && found[at]) pick(found[at]); }
    else if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); }
  });
  return { input, node: h("div", { class: "combo" }, input, list) };
}
