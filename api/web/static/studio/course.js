// The course editor's page: outline on one side, what is chosen on the other, saved by itself.
import { post } from "/static/lib/api.js";
import { settleConflict } from "/static/studio/conflict.js";
import { detailsPanel } from "/static/studio/details.js";
import { $, announce, clock, dialog, h, icon, iconButton, plural, toast, toastError, uuid } from "/static/lib/dom.js";
import { modulePanel, sectionPanel } from "/static/studio/module.js";
import { groups, KINDS, Outline } from "/static/studio/outline.js";
import { Store } from "/static/studio/store.js";

const store = new Store($("#main").dataset.courseId);
const panel = $("#panel"), stateBox = $("#save-state");
const BADGES = { draft: ["Draft", ""], scheduled: ["Scheduled", "tone-now"], published: ["Published", "tone-ok"], unpublished: ["Unpublished", "tone-warn"], archived: ["Archived", "tone-warn"] };
let chosen = "details";

const outline = new Outline($("#outline"), store, { selected: () => chosen, onselect: (key) => choose(key, { focus: true }) });

function choose(key, { focus = false, first = false } = {}) {
  chosen = key;
  history.replaceState(null, "", key === "details" ? location.pathname : `#${key}`);
  outline.draw();
  drawPanel();
  if (first) { const control = $("[data-first]", panel); control?.focus(); control?.select?.(); }
  else if (focus) { panel.focus({ preventScroll: true }); }
  if (focus || first) if (matchMedia("(max-width: 900px)").matches) panel.scrollIntoView({ block: "start" });
}

function drawPanel() {
  const [what, id] = chosen.split(":");
  const section = what === "section" && store.doc.sections.find((one) => one.id === id);
  const module = what === "module" && store.doc.modules.find((one) => one.id === id);
  if (section) panel.replaceChildren(sectionPanel(store, section, { onremove: () => removeSection(section), onadd: () => addModule(section.id) }));
  else if (module) panel.replaceChildren(modulePanel(store, module, { onremove: () => removeModule(module) }));
  else { chosen = "details"; panel.replaceChildren(detailsPanel(store)); }
  const shown = section?.title || module?.title || "Course details";
  panel.setAttribute("aria-label", shown);
}

// A version that learners have is shown and not changed; what isn't part of it (`always`) stays open.
new MutationObserver(() => {
  if (store.doc && !store.isEditable) for (const control of panel.querySelectorAll("input, select, textarea, button")) control.disabled = !control.closest(".always");
}).observe(panel, { childList: true, subtree: true });

// ---- the top: title, state, buttons ----

function drawTop() {
  const { doc } = store, [words, tone] = BADGES[doc.state] || [doc.state, ""];
  $("#course-title").textContent = doc.title || "Untitled course";
  document.title = `${doc.title || "Untitled course"} · Praxis studio`;
  $("#course-state").replaceChildren(h("span", { class: `badge ${tone}` }, words), h("span", { class: "quiet" }, `Version ${doc.number}`), h("span", { class: "quiet" }, plural(doc.modules.length, "module")));
  $("#undo").disabled = !store.canUndo; $("#redo").disabled = !store.canRedo;
  $("#read-only").hidden = store.isEditable;
  $("#outline-foot").hidden = !store.isEditable;
  const isArchived = doc.state === "archived";
  $("#read-only-text").textContent = isArchived ? "This course is archived: it is out of the catalogue and closed for writing."
    : "Learners have this version, so it is never changed. A new version starts as a copy of it.";
  $("#new-version").textContent = isArchived ? "Bring it back" : "Start a new version";
}

let saidBad = "";
function drawState() {
  const { name, at, error, passes } = store.state;
  const bad = name === "failed" ? `Not saved: ${error.status === 401 ? "you are signed out." : lower(faultOf(error))}` : "";
  const shown = {
    saved: () => [icon("cloud-check"), at ? `Saved ${clock(at)}` : "Saved"], saving: () => [icon("refresh"), "Saving…"],
    conflict: () => [icon("alert-triangle"), "Not saved: somebody else saved meanwhile"],
    failed: () => [icon("cloud-off"), bad, error.status === 401 ? h("a", { href: `/sign-in?next=${encodeURIComponent(location.pathname)}`, target: "_blank" }, "Sign in again") : passes ? null : h("button", { type: "button", class: "btn btn-sm", onclick: () => store.save() }, "Try again")],
  }[name]();
  stateBox.replaceChildren(...shown.filter(Boolean));
  stateBox.dataset.state = name;
  if (bad && bad !== saidBad) announce(bad);
  if (!bad && saidBad && name === "saved") announce("Saved.");
  saidBad = name === "saving" ? saidBad : bad;
  $("#undo").disabled = !store.canUndo; $("#redo").disabled = !store.canRedo;
}

const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);

// A field's fault in the words of this page instead of a pointer into the document.
function faultOf(error) {
  const [first] = error.errors || [];
  const way = first?.pointer?.split("/").slice(2) || [];
  if (!way.length) return error.message;
  const part = { modules: "module", sections: "section" }[way[0]];
  const one = part && store.doc[way[0]][Number(way[1])];
  const name = one ? `${part} ${Number(way[1]) + 1}${one.title.trim() ? ` (${one.title})` : ""}: ${(way[2] || "").replaceAll("_", " ")}` : way.join(" ").replaceAll("_", " ");
  return `${name}: ${/at least 1 character/.test(first.detail) ? "it is empty" : first.detail.replace(/^Value error, /, "")}.`;
}

// ---- what changes the outline ----

async function addModule(sectionId) {
  const kind = await chooseKind();
  if (!kind) return;
  const id = uuid();
  const section_id = sectionId === undefined ? currentSection() : sectionId;
  store.change(`adding a ${KINDS[kind].name.toLowerCase()}`, (doc) => {
    doc.modules.push({ id, section_id, kind, title: KINDS[kind].name, duration_s: 60, body: "", media_id: null, url: "", weight: 1, settings: {}, questions: [] });
    doc.modules = groups(doc).flatMap((group) => group.modules);
  });
  choose(`module:${id}`, { first: true });
}

function currentSection() {
  const [what, id] = chosen.split(":");
  if (what === "section") return id;
  if (what === "module") return store.doc.modules.find((one) => one.id === id)?.section_id ?? null;
  return store.doc.sections.at(-1)?.id ?? null;
}

function chooseKind() {
  return dialog("Add a module", h("div", { class: "kinds" }, Object.entries(KINDS).map(([kind, one]) =>
    h("button", { type: "submit", value: kind, class: "kind" }, icon(one.icon), h("span", {}, h("strong", {}, one.name), h("span", { class: "quiet" }, one.hint))))), [{ value: "", label: "Cancel" }], { size: "wide" });
}

function addSection() {
  const id = uuid();
  store.change("adding a section", (doc) => doc.sections.push({ id, title: `Section ${doc.sections.length + 1}` }));
  choose(`section:${id}`, { first: true });
}

function removed(title, next) {
  choose(next, { focus: true });
  toast(`${title} is deleted.`, { action: { label: "Undo", run: undo } });
}

function removeModule(module) {
  const at = store.doc.modules.findIndex((one) => one.id === module.id);
  store.change(`deleting ${module.title}`, (doc) => { doc.modules = doc.modules.filter((one) => one.id !== module.id); });
  const next = store.doc.modules[at] || store.doc.modules[at - 1];
  removed(module.title, next ? `module:${next.id}` : "details");
}

async function removeSection(section) {
  const inside = store.doc.modules.filter((one) => one.section_id === section.id);
  let keep = true;
  if (inside.length) {
    const answer = await dialog(`Delete ${section.title}?`, h("p", {}, `${plural(inside.length, "module")} stand${inside.length === 1 ? "s" : ""} below it. Undo brings all of it back.`),
      [{ value: "", label: "Cancel" }, { value: "all", label: "Delete with its modules", kind: "btn-danger" }, { value: "keep", label: "Keep the modules", kind: "btn-primary" }]);
    if (!answer) return;
    keep = answer === "keep";
  }
  store.change(`deleting ${section.title}`, (doc) => {
    doc.sections = doc.sections.filter((one) => one.id !== section.id);
    if (keep) for (const one of doc.modules) { if (one.section_id === section.id) one.section_id = null; }
    else doc.modules = doc.modules.filter((one) => one.section_id !== section.id);
    doc.modules = groups(doc).flatMap((group) => group.modules);
  });
  removed(section.title, "details");
}

function undo() { const what = store.undo(); if (what) announce(`Undone: ${what}.`); }
function redo() { const what = store.redo(); if (what) announce(`Done again: ${what}.`); }

// ---- wiring ----

store.addEventListener("loaded", () => { drawTop(); choose(location.hash.slice(1) || "details"); });
store.addEventListener("change", ({ detail }) => {
  drawTop();
  if (detail.mark) outline.retitle(); else outline.draw();
  if (!detail.mark && !panel.contains(document.activeElement)) drawPanel(); // what the outline changed, such as the section
});
store.addEventListener("replaced", () => { drawTop(); outline.draw(); drawPanel(); });
store.addEventListener("state", () => { if (store.doc) drawState(); });
store.addEventListener("conflict", (event) => settleConflict(store, event.detail));

$("#undo").addEventListener("click", undo);
$("#redo").addEventListener("click", redo);
$("#add-module").addEventListener("click", () => addModule());
$("#add-section").addEventListener("click", addSection);
$("#to-outline").addEventListener("click", () => { $("#outline-card").scrollIntoView({ block: "start" }); $(`[data-focus="${chosen}"]`)?.focus({ preventScroll: true }); });
$("#new-version").addEventListener("click", async () => {
  const isArchived = store.doc.state === "archived";
  try {
    await post(isArchived ? "/restore-course" : "/course-drafts", { course_id: store.courseId });
    await store.load();
    toast(isArchived ? "The course is back." : "A new version is begun. Learners stay on the published one until you publish.");
  } catch (error) { toastError(error); }
});
document.addEventListener("keydown", (event) => {
  const isText = event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); store.save(); }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !isText) { event.preventDefault(); if (event.shiftKey) redo(); else undo(); }
});
// Pages that read the draft from the server are opened once it is there.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-saves]");
  if (!link || !store.isDirty || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (await store.save()) location.assign(link.href);
  else toast("Not saved yet: the page stays open until it is.", { kind: "error" });
});
addEventListener("focus", () => { if (store.isDirty && store.state.error?.status === 401) store.save(); });

try { await store.load(); $("#loading").hidden = true; $("#editor").hidden = false; } catch (error) { $("#loading").replaceChildren(h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), error.message), h("a", { class: "btn", href: "/studio" }, "Back to your courses")); }
