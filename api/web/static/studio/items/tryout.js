// The try-out of the editor: what is written is saved first, then asked as a learner would be.
import { h, iconButton, newId, toast } from "/static/lib/dom.js";
import { trial } from "./trial.js";

export async function tryOut(store, module) {
  if (!(await saved(store))) {
    toast("The quiz is not saved yet, so it can't be tried: see beside “Undo”.", { kind: "error" });
    return;
  }
  const id = newId("try");
  const box = h("dialog", { class: "dialog wide", "aria-labelledby": id },
    h("div", { class: "dialog-head" }, h("h2", { id }, `Try: ${module.title}`), iconButton("x", "Close", () => box.close())),
    h("div", { class: "dialog-body" }, trial(module.id)));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

// Waits for a saving that is under way, too.
async function saved(store) {
  if (await store.save()) return true;
  if (store.state.name !== "saving") return false;
  await new Promise((done) => store.addEventListener("state", done, { once: true }));
  return saved(store);
}
