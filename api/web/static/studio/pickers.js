// Things that are chosen: words as chips, people by e-mail, courses by search, files from the library.
import { all, get, query } from "/static/lib/api.js";
import { announce, debounce, dialog, duration, h, icon, newId, setError, size } from "/static/lib/dom.js";
import { courseSearch } from "/static/studio/coursesearch.js";

// A list of short words. `values` is kept by the caller; `onchange` gets the new list.
export function chipsField(label, values, onchange, { hint, placeholder = "", type = "text", check, optional, most = 30, maxlength = 60 } = {}) {
  const input = h("input", { class: "form-control", type, id: newId("chips"), placeholder, maxlength, autocomplete: "off" });
  const wrong = h("div", { class: "form-error", id: `${input.id}-error`, hidden: true });
  input.setAttribute("aria-describedby", `${input.id}-hint ${wrong.id}`);
  const list = h("ul", { class: "chips", "aria-label": label });
  let words = [...values];
  const draw = () => list.replaceChildren(...words.map((word) => h("li", { class: "chip" }, word,
    h("button", { type: "button", "aria-label": `Remove ${word}`, onclick: () => remove(word) }, icon("x")))));
  const set = async (next, said) => {
    const before = words;
    words = next; draw();
    try { await onchange(words); announce(said); setError(input, ""); return true; } catch (error) {
      words = before; draw(); setError(input, error.message);
      return false;
    }
  };
  const remove = (word) => { set(words.filter((one) => one !== word), `${word} removed`); input.focus(); };
  const add = async () => {
    const told = input.value.split(",").map((word) => word.trim().replace(/\s+/g, " ")).filter(Boolean);
    const fresh = told.filter((word) => !words.some((one) => one.toLowerCase() === word.toLowerCase()));
    if (!told.length) return;
    const fault = fresh.map((word) => check?.(word)).find(Boolean) || (words.length + fresh.length > most ? `At most ${most}: remove one first.` : "");
    if (fault) { setError(input, fault); return; }
    if (!fresh.length || await set([...words, ...fresh], `${fresh.join(", ")} added`)) input.value = "";
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === ",") { event.preventDefault(); add(); }
    if (event.key === "Backspace" && !input.value && words.length) remove(words[words.length - 1]);
  });
  draw();
  return h("div", { class: "field" },
    h("label", { class: "form-label", for: input.id }, label, optional ? h("span", { class: "optional" }, " optional") : null),
    list, h("div", { class: "with-button" }, input, h("button", { type: "button", class: "btn", onclick: add, "aria-label": `Add: ${label}` }, "Add")),
    h("div", { class: "form-hint", id: `${input.id}-hint` }, hint || "Enter adds it."), wrong);
}

// Courses by a search as one types; chosen ones below, by title.
export function coursesField(label, ids, onchange, { hint, except } = {}) {
  let chosen = [...ids];
  const titles = new Map();
  const chips = h("ul", { class: "chips", "aria-label": label });
  const draw = () => chips.replaceChildren(...chosen.map((id) => h("li", { class: "chip" }, titles.get(id) || "A course",
    h("button", { type: "button", "aria-label": `Remove ${titles.get(id) || "this course"}`, onclick: () => set(chosen.filter((one) => one !== id)) }, icon("x")))));
  const set = (next) => { chosen = next; draw(); onchange(chosen); };
  const { input, node } = courseSearch(() => [...chosen, except], (course) => { titles.set(course.id, course.title); set([...chosen, course.id]); }, { label });
  Promise.all(chosen.map((id) => get(`/courses/${id}`).then(({ data }) => titles.set(id, data.title)).catch(() => {}))).then(draw);
  draw();
  return h("div", { class: "field" }, h("label", { class: "form-label", for: input.id }, label, h("span", { class: "optional" }, " optional")),
    chips, node, h("div", { class: "form-hint" }, hint));
}

// One of the ready files of the library, or null.
export async function chooseAsset(kind, title) {
  const list = h("div", { class: "library", role: "group", "aria-label": "Files" }, h("p", { class: "quiet" }, "Loading…"));
  let chosen = null;
  const search = h("input", { class: "form-control", type: "search", id: newId("lib"), placeholder: "Search by name" });
  const name = newId("asset");
  const draw = async () => {
    const { data } = await get(query("/media-assets", { kind, search: search.value.trim() }));
    const ready = data.items.filter((asset) => asset.status === "ready");
    list.replaceChildren(...(ready.length ? ready.map((asset) => h("label", { class: "library-row" },
      h("input", { class: "form-check-input", type: "radio", name, value: asset.id, onchange: () => { chosen = asset; } }),
      thumb(asset), h("span", {}, h("strong", {}, asset.file_name), h("br"), h("span", { class: "quiet" }, [size(asset.size_bytes), asset.duration_s ? duration(asset.duration_s) : null].filter(Boolean).join(" · ")))))
      : [h("p", { class: "quiet" }, search.value ? "No file has this name." : "No ready file of this kind yet. Upload one.")]));
  };
  search.addEventListener("input", debounce(() => draw().catch(() => {}), 250));
  draw().catch((error) => list.replaceChildren(h("p", { class: "form-error" }, error.message)));
  const answer = await dialog(title, h("div", {}, h("label", { class: "form-label", for: search.id }, "Search your files"), search, list),
    [{ value: "", label: "Cancel" }, { value: "yes", label: "Use this file", kind: "btn-primary" }], { size: "wide" });
  return answer === "yes" ? chosen : null;
}

export function thumb(asset) {
  const picture = asset.links?.poster || (asset.kind === "image" && asset.status === "ready" ? asset.links?.url : null);
  const names = { video: "video", document: "file-text", image: "photo", package: "package" };
  return h("span", { class: "thumb" }, picture ? h("img", { src: picture, alt: "", loading: "lazy" }) : icon(names[asset.kind] || "file-text"));
}

export const everyAsset = (values) => all("/media-assets", values);
