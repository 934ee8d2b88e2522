// A PDF page by page, by pdf.js: drawn on a canvas, with its text over it for selecting and for screen readers.
import * as pdfjs from "../vendor/pdfjs/pdf.min.mjs";
import { h, iconButton } from "/static/lib/dom.js";
import { gettext as _, number } from "/static/lib/i18n.js";

pdfjs.GlobalWorkerOptions.workerSrc = "/static/vendor/pdfjs/pdf.worker.min.mjs";
const ZOOMS = [0.75, 1, 1.25, 1.5, 2, 3];

// `onPage(n, of)` is told each page that is shown.
export async function pdfView(url, title, { onPage, first = 1 }) {
  const task = pdfjs.getDocument({ url, isEvalSupported: false, enableXfa: false, useWasm: false });
  const pdf = await task.promise;
  const all = pdf.numPages;
  let at = 0, zoom = 1, drawing = null;
  const canvas = h("canvas", { class: "pdf-canvas", "aria-hidden": "true" });
  const text = h("div", { class: "pdf-text" });
  const page = h("div", { class: "pdf-page" }, canvas, text);
  const frame = h("div", { class: "pdf-frame", tabindex: 0, role: "region", "aria-label": _("Page of {title}", { title }) }, page);
  const where = h("span", { class: "pdf-at", role: "status" });
  const back = iconButton("chevron-left", _("Page before"), () => go(at - 1));
  const next = iconButton("chevron-right", _("Next page"), () => go(at + 1));
  const smaller = iconButton("zoom-out", _("Smaller"), () => scale(-1));
  const larger = iconButton("zoom-in", _("Larger"), () => scale(1));
  const bar = h("div", { class: "pdf-bar", role: "toolbar", "aria-label": _("Pages") }, back, where, next, h("span", { class: "pdf-gap" }), smaller, larger);
  const node = h("div", { class: "pdf" }, bar, frame);

  const off = (button, isOff) => { if (isOff) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled"); };
  function scale(step) {
    const wanted = ZOOMS[ZOOMS.indexOf(zoom) + step];
    if (wanted) { zoom = wanted; draw(); }
  }

  async function go(wanted) {
    if (wanted < 1 || wanted > all || wanted === at) return;
    at = wanted;
    where.textContent = _("Page {n} of {all}", { n: number(at), all: number(all) });
    onPage(at, all);
    frame.scrollTop = 0;
    await draw();
  }

  async function draw() {
    off(back, at === 1); off(next, at === all); off(smaller, zoom === ZOOMS[0]); off(larger, zoom === ZOOMS.at(-1));
    const shown = at;
    const found = await pdf.getPage(shown);
    drawing?.cancel();
    if (shown !== at) return;
    const fit = (frame.clientWidth - 2) / found.getViewport({ scale: 1 }).width;
    const viewport = found.getViewport({ scale: fit * zoom });
    const sharp = Math.min(globalThis.devicePixelRatio || 1, 2);
    Object.assign(canvas, { width: Math.floor(viewport.width * sharp), height: Math.floor(viewport.height * sharp) });
    for (const one of [canvas, page]) Object.assign(one.style, { width: `${Math.floor(viewport.width)}px`, height: `${Math.floor(viewport.height)}px` });
    drawing = found.render({ canvas, viewport, transform: sharp === 1 ? null : [sharp, 0, 0, sharp, 0, 0] });
    try { await drawing.promise; } catch (error) { if (error.name === "RenderingCancelledException") return; throw error; }
    text.replaceChildren();
    text.style.setProperty("--total-scale-factor", viewport.scale);
    await new pdfjs.TextLayer({ textContentSource: found.streamTextContent(), container: text, viewport }).render();
  }

  frame.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (!step || event.target !== frame || frame.scrollWidth > frame.clientWidth + 2) return;
    event.preventDefault();
    go(at + step);
  });
  const resized = new ResizeObserver(() => { if (at && Math.abs(frame.clientWidth - resized.width) > 8) { resized.width = frame.clientWidth; draw(); } });
  resized.width = 0;
  return { node, all, start: () => { resized.width = frame.clientWidth; resized.observe(frame); return go(Math.min(Math.max(1, first), all)); }, stop: () => { resized.disconnect(); task.destroy(); } };
}
