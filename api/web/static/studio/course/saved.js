// Whether all is saved, in words: the page saves by itself, so it has to say how that goes.
import { clock, h, icon } from "/static/lib/dom.js";

export function saveState(store) {
  const node = h("span", { class: "save-note", role: "status" });
  const said = {
    saved: ({ at }) => [icon("cloud-check"), at ? `Saved ${clock(at)}` : "Saved"],
    saving: () => [icon("refresh"), "Saving …"],
    conflict: () => [icon("alert-triangle"), "Somebody else saved"],
    failed: ({ error }) => [icon("cloud-off"), `Not saved: ${error.message}`],
  };
  const tell = () => {
    const name = store.state.name === "saved" && store.isDirty ? "saving" : store.state.name;
    node.classList.toggle("is-bad", name === "failed" || name === "conflict");
    node.replaceChildren(...(said[name]?.(store.state) ?? []));
  };
  for (const event of ["state", "change", "replaced"]) store.addEventListener(event, tell);
  tell();
  return node;
}
