// The course's outline: sections and modules, chosen, and moved by drag, by the arrow buttons, or grabbed with the
// space bar and moved with the arrow keys.
import Sortable from "/static/vendor/sortablejs/sortable.esm.js";
import { $, $$, announce, h, icon, iconButton, plural } from "/static/lib/dom.js";

export const KINDS = {
  video: { icon: "video", name: "Video", hint: "Upload a film; it is made ready for every screen." },
  document: { icon: "file-text", name: "Document", hint: "PDF, Word, Excel or PowerPoint." },
  text: { icon: "article", name: "Text page", hint: "Written here, in Markdown." },
  quiz: { icon: "list-check", name: "Quiz", hint: "Questions of seven kinds, or drawn from a bank." },
  link: { icon: "link", name: "Link", hint: "A page somewhere else." },
  package: { icon: "package", name: "Package", hint: "SCORM 1.2, SCORM 2004 or an HTML zip." },
  live: { icon: "calendar-event", name: "Live session", hint: "A date, a place and who was there." },
};

// The modules of each section in order; first those without one. The document keeps them in this order.
export function groups(doc) {
  return [{ id: null, title: null }, ...doc.sections].map((section) => ({ section, modules: doc.modules.filter((module) => (module.section_id ?? null) === section.id) }));
}

const settle = (doc) => { doc.modules = groups(doc).flatMap((group) => group.modules); };

// One place up or down; at the end of a section a module goes on into the next one. Gives where it is now, or null.
export function moveModule(doc, id, by) {
  const all = groups(doc);
  const from = all.findIndex((group) => group.modules.some((module) => module.id === id));
  const list = all[from].modules, at = list.findIndex((module) => module.id === id), module = list[at];
  if (list[at + by]) { [list[at], list[at + by]] = [list[at + by], module]; }
  else {
    const next = all[from + by];
    if (!next) return null;
    list.splice(at, 1);
    module.section_id = next.section.id;
    if (by > 0) next.modules.unshift(module); else next.modules.push(module);
  }
  doc.modules = all.flatMap((group) => group.modules);
  return place(doc, id);
}

export function moveSection(doc, id, by) {
  const at = doc.sections.findIndex((section) => section.id === id), other = doc.sections[at + by];
  if (!other) return null;
  [doc.sections[at], doc.sections[at + by]] = [other, doc.sections[at]];
  settle(doc);
  return `place ${at + by + 1} of ${doc.sections.length}`;
}

function place(doc, id) {
  const group = groups(doc).find((one) => one.modules.some((module) => module.id === id));
  const at = group.modules.findIndex((module) => module.id === id);
  return `place ${at + 1} of ${group.modules.length}${group.section.title ? ` in ${group.section.title}` : doc.sections.length ? " before the sections" : ""}`;
}

export class Outline {
  #grabbed = null; #moves = 0; #sortables = [];

  constructor(root, store, { onselect, selected }) {
    this.root = root; this.store = store; this.onselect = onselect; this.selected = selected;
  }

  draw() {
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    for (const one of this.#sortables) one.destroy();
    const { doc } = this.store, all = groups(doc), loose = all[0];
    const parts = [this.#details()];
    if (loose.modules.length || !doc.sections.length) parts.push(this.#modules(loose));
    parts.push(h("ol", { class: "ol-sections", "aria-label": "Sections" }, all.slice(1).map((group) => this.#section(group))));
    this.root.replaceChildren(...parts);
    this.#sortables = this.store.isEditable ? this.#drag() : [];
    if (focused) $(`[data-focus="${CSS.escape(focused)}"]`, this.root)?.focus();
  }

  // While somebody types only the words change: drawing two hundred rows at each key would be felt.
  retitle() {
    const [what, id] = this.selected().split(":"), part = this.store.doc[`${what}s`]?.find((one) => one.id === id);
    const find = (name) => $(`[data-focus="${CSS.escape(`${what}:${id}${name}`)}"]`, this.root);
    if (!part || !find("")) return;
    $(".ol-title", find("")).textContent = part.title || `Untitled ${what}`;
    for (const [name, said] of [[":grip", ""], [":up", " up"], [":down", " down"]]) find(name)?.setAttribute("aria-label", `Move ${part.title || `untitled ${what}`}${said}`);
  }

  #details() {
    return h("button", { type: "button", class: "ol-details", "aria-current": this.selected() === "details" ? "true" : null, dataset: { focus: "details" }, onclick: () => this.onselect("details") }, icon("info-circle"), "Course details");
  }

  #section({ section, modules }) {
    return h("li", { class: "ol-section", dataset: { section: section.id } },
      this.#row("section", section, h("span", { class: "ol-title" }, section.title || "Untitled section"), plural(modules.length, "module")),
      this.#modules({ section, modules }));
  }

  #modules({ section, modules }) {
    const list = h("ol", { class: "ol-modules", dataset: { section: section.id ?? "" }, "aria-label": section.title ? `Modules of ${section.title}` : "Modules" },
      modules.map((module) => h("li", { dataset: { module: module.id } },
        this.#row("module", module, [icon(KINDS[module.kind].icon, KINDS[module.kind].name), h("span", { class: "ol-title" }, module.title || "Untitled module")]))));
    return list;
  }

  #row(what, part, content, extra) {
    const key = `${what}:${part.id}`, isChosen = this.selected() === key, isGrabbed = this.#grabbed === key;
    const move = (by) => this.#move(what, part, by);
    const title = part.title || `untitled ${what}`;
    const tools = this.store.isEditable ? [
      iconButton("arrow-up", `Move ${title} up`, () => move(-1), { class: "btn btn-icon btn-sm ol-tool", "data-focus": `${key}:up` }),
      iconButton("arrow-down", `Move ${title} down`, () => move(1), { class: "btn btn-icon btn-sm ol-tool", "data-focus": `${key}:down` })] : [];
    const grip = this.store.isEditable && h("button", {
      type: "button", class: "ol-grip", "aria-label": `Move ${title}`, title: "Drag, or press space and use the arrow keys", "aria-pressed": String(isGrabbed),
      dataset: { focus: `${key}:grip` }, onkeydown: (event) => this.#key(event, what, part), onblur: () => this.#drop(),
    }, icon("grip-vertical"));
    return h("div", { class: `ol-row ol-row-${what}${isGrabbed ? " is-grabbed" : ""}`, "data-chosen": isChosen ? "" : null }, grip,
      h("button", { type: "button", class: "ol-open", "aria-current": isChosen ? "true" : null, dataset: { focus: key }, onclick: () => this.onselect(key) }, content, extra ? h("span", { class: "ol-extra" }, extra) : null),
      tools);
  }

  #key(event, what, part) {
    const key = `${what}:${part.id}`, title = part.title || what;
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (this.#grabbed === key) { this.#grabbed = null; announce(`${title} put down.`); } else {
        this.#grabbed = key; this.#moves = 0;
        announce(`${title} grabbed. Up and down arrow move it, space puts it down, escape puts it back.`);
      }
      this.#keepGrabbed(() => this.draw());
    } else if (this.#grabbed === key && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#grabbed = null;
      this.#keepGrabbed(() => { for (; this.#moves > 0; this.#moves -= 1) this.store.undo(); this.draw(); });
      announce(`${title} put back.`);
    } else if (this.#grabbed === key && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.#move(what, part, event.key === "ArrowUp" ? -1 : 1);
    }
  }

  #drawing = false;
  // Drawing again takes the focused button away for a moment, which is no leaving of it.
  #keepGrabbed(run) { this.#drawing = true; run(); this.#drawing = false; }

  #drop() {
    if (this.#drawing || !this.#grabbed) return;
    this.#grabbed = null;
    setTimeout(() => this.draw());
  }

  #move(what, part, by) {
    const draft = structuredClone(this.store.doc);
    const where = (what === "section" ? moveSection : moveModule)(draft, part.id, by);
    if (!where) { announce(`${part.title} is ${by < 0 ? "first" : "last"} already.`); return; }
    this.#keepGrabbed(() => this.store.change(`moving ${part.title}`, (doc) => { doc.sections = draft.sections; doc.modules = draft.modules; }));
    this.#moves += 1;
    announce(`${part.title} moved to ${where}.`);
  }

  #drag() {
    const shared = { animation: 120, handle: ".ol-grip", delay: 150, delayOnTouchOnly: true, onEnd: () => this.#dragged() };
    return [...$$(".ol-modules", this.root).map((list) => Sortable.create(list, { ...shared, group: "modules" })),
      ...$$(".ol-sections", this.root).map((list) => Sortable.create(list, { ...shared, draggable: ".ol-section" }))];
  }

  // The document follows what the drag left on the page.
  #dragged() {
    const sections = $$(".ol-section", this.root).map((one) => one.dataset.section);
    const modules = $$(".ol-modules", this.root).flatMap((list) => $$("[data-module]", list).map((one) => [one.dataset.module, list.dataset.section || null]));
    this.store.change("moving by drag", (doc) => {
      const known = new Map(doc.modules.map((module) => [module.id, module]));
      doc.sections = sections.map((id) => doc.sections.find((section) => section.id === id));
      doc.modules = modules.map(([id, section_id]) => Object.assign(known.get(id), { section_id }));
    });
  }
}
