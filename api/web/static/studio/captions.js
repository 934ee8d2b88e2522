// Captions of a video: one file a language, WebVTT or SRT.
import { call, del, get } from "/static/lib/api.js";
import { announce, h, icon, iconButton, newId, toast, toastError } from "/static/lib/dom.js";
import { languages, nameOf } from "/static/studio/languages.js";

const MOST_BYTES = 2_000_000;

export function captionsField(asset) {
  const list = h("ul", { class: "captions" }), title = newId("captions"), hint = newId("hint");
  const language = h("select", { class: "form-select", id: newId("language") }, languages("en"));
  const input = h("input", { type: "file", class: "visually-hidden", tabindex: "-1", accept: ".vtt,.srt,text/vtt,application/x-subrip", "aria-label": "Captions file" });
  const add = h("button", { type: "button", class: "btn", "aria-describedby": hint, onclick: () => input.click() }, icon("badge-cc"), "Add captions");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    if (file.size > MOST_BYTES) { toastError(new Error(`${file.name} is too long for captions.`)); return; }
    const code = language.value, label = nameOf(code, code);
    try {
      const query = new URLSearchParams({ asset_id: asset.id, language: code, label });
      const { data } = await call("PUT", `/media-captions?${query}`, { raw: await file.arrayBuffer(), headers: { "Content-Type": /\.srt$/i.test(file.name) ? "application/x-subrip" : "text/vtt" } });
      draw(data.items);
      toast(`Captions in ${nameOf(code)} are in.`);
    } catch (error) { toastError(error); }
  });
  const remove = async (one) => {
    try {
      await del(`/media-captions?${new URLSearchParams({ asset_id: asset.id, language: one.language })}`);
      await load();
      announce(`Captions in ${nameOf(one.language)} removed.`);
      add.focus();
    } catch (error) { toastError(error); }
  };
  const draw = (items) => list.replaceChildren(...(items.length ? items.map((one) => h("li", {}, icon("badge-cc"), h("span", { class: "grow" }, nameOf(one.language), h("span", { class: "quiet" }, ` · ${one.label}`)),
    one.url ? h("a", { class: "btn btn-sm", href: one.url, target: "_blank", rel: "noopener", "aria-label": `Open the captions in ${nameOf(one.language)}` }, "Open") : null,
    iconButton("trash", `Remove the captions in ${nameOf(one.language)}`, () => remove(one)))) : [h("li", { class: "quiet" }, "None yet. People who can't hear it, and people on a train, need them.")]));
  const load = () => get(`/media-captions?asset_id=${asset.id}`).then(({ data }) => draw(data.items)).catch((error) => list.replaceChildren(h("li", { class: "form-error" }, error.message)));
  load();
  return h("div", { class: "captions-box", role: "group", "aria-labelledby": title }, h("h3", { id: title }, "Captions"), list,
    h("div", { class: "with-button" }, h("label", { class: "visually-hidden", for: language.id }, "Language of the captions"), language, add), h("div", { class: "form-hint", id: hint }, "A WebVTT or SRT file in the language chosen here; it replaces one of the same language."), input);
}
