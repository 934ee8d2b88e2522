// A text in Markdown with its preview beside it, made by the server: what learners will see.
import { post } from "/static/lib/api.js";
import { debounce, h, icon, newId } from "/static/lib/dom.js";

export const LONGEST = 50000;
const MARKS = [["Bold", "**", "**"], ["Italic", "*", "*"], ["Heading", "\n## ", ""], ["List", "\n- ", ""], ["Link", "[", "](https://)"]];

// HTML that the server sanitised; the page's policy runs no script of it either.
export async function render(place, text) {
  if (!text.trim()) { place.replaceChildren(h("p", { class: "quiet" }, "Nothing to show yet.")); return; }
  const { data } = await post("/render-markdown", { text });
  const parsed = new DOMParser().parseFromString(data.html, "text/html");
  place.replaceChildren(...parsed.body.childNodes);
}

export function markdownField(label, text, onchange, { hint, rows = 8, optional } = {}) {
  const id = newId("md"), labelId = newId("l");
  const area = h("textarea", { class: "form-control md-text", id, rows, maxlength: LONGEST, value: text || "", "aria-describedby": `${id}-hint` });
  const preview = h("div", { class: "prose md-preview", role: "region", "aria-label": `Preview: ${label}`, tabindex: "0" });
  const show = debounce(() => render(preview, area.value).catch((error) => preview.replaceChildren(h("p", { class: "quiet" }, error.message))), 350);
  const wrap = (before, after) => {
    const [from, to] = [area.selectionStart, area.selectionEnd];
    area.focus();
    area.setRangeText(before + (area.value.slice(from, to) || (after ? "text" : "")) + after, from, to, "end");
    area.dispatchEvent(new Event("input"));
  };
  area.addEventListener("input", () => { onchange(area.value); show(); });
  render(preview, area.value).catch(() => {});
  return h("div", { class: "field md" },
    h("div", { class: "md-head" },
      h("label", { class: "form-label", for: id, id: labelId }, label, optional ? h("span", { class: "optional" }, " optional") : null),
      h("div", { class: "md-tools", role: "group", "aria-label": `Formatting: ${label}` }, MARKS.map(([name, before, after]) =>
        h("button", { type: "button", class: "btn btn-sm btn-link", onclick: () => wrap(before, after) }, name)))),
    h("div", { class: "md-both" }, area, preview),
    h("div", { class: "form-hint", id: `${id}-hint` }, hint || "Markdown. The preview is what learners see."));
}
