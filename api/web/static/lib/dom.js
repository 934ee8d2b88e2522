// Small helpers: elements, icons, toasts, dialogs, and how things are written for people.
import { gettext as _ } from "./i18n.js";

// h("button", {class: "btn", onclick: f, "aria-label": "x"}, "text", child): never HTML from a string.
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = Boolean(value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const SVG = "http://www.w3.org/2000/svg";

export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon icon-${name}`);
  if (label) { svg.setAttribute("role", "img"); svg.setAttribute("aria-label", label); } else svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/vendor/tabler-icons/sprite.svg#${name}`);
  svg.append(use);
  return svg;
}

// A button with an icon alone: the label is its name for everybody, and its tooltip.
export function iconButton(name, label, onclick, props = {}) {
  return h("button", { type: "button", class: "btn btn-icon", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

let counter = 0;
export const newId = (prefix = "f") => `${prefix}-${++counter}`;

// A version 4 UUID; crypto.randomUUID is only there where the page came by https.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function field(label, control, { hint, error, optional } = {}) {
  control.id ||= newId();
  const parts = [h("label", { class: "form-label", for: control.id }, label, optional ? h("span", { class: "optional" }, ` ${_("optional")}`) : null), control];
  const described = [];
  if (hint) { const id = `${control.id}-hint`; described.push(id); parts.push(h("div", { class: "form-hint", id }, hint)); }
  const wrong = h("div", { class: "form-error", id: `${control.id}-error`, hidden: !error }, error || "");
  described.push(wrong.id);
  parts.push(wrong);
  control.setAttribute("aria-describedby", described.join(" "));
  return h("div", { class: "field" }, ...parts);
}

// Says at a field what is wrong with it; an empty text takes it back.
export function setError(control, text) {
  const wrong = document.getElementById(`${control.id}-error`);
  if (wrong) { wrong.textContent = text || ""; wrong.hidden = !text; }
  control.classList.toggle("is-invalid", Boolean(text));
  if (text) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
}

export function options(pairs, chosen) {
  return pairs.map(([value, text]) => h("option", { value, selected: value === chosen }, text));
}

// To screen readers only, at once: what a move did.
export function announce(text) {
  const place = $("#announcer");
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 30);
}

// A note that goes by itself unless it has an action or is an error. `action` is {label, run}.
export function toast(text, { kind = "info", action, stayMs } = {}) {
  const note = h("div", { class: `note note-${kind}` });
  const close = () => note.remove();
  note.append(icon(kind === "error" ? "alert-triangle" : "circle-check"), h("span", { class: "note-text" }, text));
  if (action) note.append(h("button", { type: "button", class: "btn btn-sm note-action", onclick: () => { close(); action.run(); } }, action.label));
  note.append(iconButton("x", _("Close this note"), close));
  $("#toasts").append(note);
  const wait = stayMs ?? (kind === "error" ? 0 : action ? 12000 : 5000);
  if (wait) {
    let timer = setTimeout(close, wait);
    note.addEventListener("focusin", () => clearTimeout(timer));
    note.addEventListener("mouseenter", () => clearTimeout(timer));
    note.addEventListener("focusout", () => { timer = setTimeout(close, wait); });
    note.addEventListener("mouseleave", () => { timer = setTimeout(close, wait); });
  }
  return close;
}

export const toastError = (error) => toast(error.message || String(error), { kind: "error" });

// A modal <dialog>; the browser keeps the focus in it and gives it back. Gives the value of the button that closed it,
// or null for Escape, which `mustAnswer` doesn't take. `buttons`: [{value, label, kind}]; one without a value cancels
// and asks nothing of the fields. `before` may hold it open: it closes once that gives true.
export function dialog(title, content, buttons, { size = "", mustAnswer = false, before } = {}) {
  return new Promise((done) => {
    const id = newId("dialog");
    const form = h("form", { method: "dialog" },
      h("div", { class: "dialog-head" }, h("h2", { id }, title), mustAnswer ? null : iconButton("x", _("Close"), () => box.close(""))),
      h("div", { class: "dialog-body" }, content),
      h("div", { class: "dialog-foot" }, buttons.map(({ value, label, kind = "" }) =>
        value ? h("button", { class: `btn ${kind}`, type: "submit", value }, label)
          : h("button", { class: `btn ${kind}`, type: "button", onclick: () => box.close("") }, label))));
    const box = h("dialog", { class: `dialog ${size}`, "aria-labelledby": id }, form);
    form.addEventListener("submit", async (event) => {
      if (!before) return;
      event.preventDefault();
      const { submitter } = event;
      submitter.disabled = true;
      if (await before(submitter.value)) box.close(submitter.value);
      else { submitter.disabled = false; submitter.focus(); }
    });
    box.addEventListener("close", () => { box.remove(); done(box.returnValue || null); });
    if (mustAnswer) {
      box.addEventListener("cancel", (event) => event.preventDefault());
      box.addEventListener("keydown", (event) => { if (event.key === "Escape") event.preventDefault(); });
    }
    document.body.append(box);
    box.showModal();
    $(".dialog-body input, .dialog-body button, .dialog-body select", box)?.focus();
  });
}

export const confirmDialog = async (title, text, label, kind = "btn-danger") =>
  (await dialog(title, h("p", {}, text), [{ value: "", label: _("Cancel") }, { value: "yes", label, kind }])) === "yes";

// ---- how things are written ----

export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes, unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60), rest = whole % 60;
  if (minutes < 60) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const clock = (moment) => moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
export const day = (text) => new Date(text).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
export const moment = (text) => `${day(text)}, ${clock(new Date(text))}`;
export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;

export function debounce(run, wait) {
  let timer;
  const later = (...args) => { clearTimeout(timer); timer = setTimeout(() => run(...args), wait); };
  later.cancel = () => clearTimeout(timer);
  return later;
}
