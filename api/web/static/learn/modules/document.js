// A document: a PDF page by page, a page read once it was shown for a moment; other files to see or to take along.
import { post } from "/static/lib/api.js";
import { h, icon, size } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { doneButton, prose } from "./prose.js";

const READ_S = 2; // the server takes no less
const SHOWN_MS = 2500;
const FEW = 2;

export function view(module, course, player) {
  const { media } = module;
  if (!media?.url) return { node: h("div", {}, prose(module), h("p", { class: "alert-box warn" }, icon("info-circle"), _("The document is not ready yet: come back later."))) };
  const end = doneButton(module, player, _("I have read it"));
  const isPdf = media.content_type === "application/pdf";
  const download = h("a", { class: "btn", href: media.url, download: media.file_name }, icon("download"), _("Download ({size})", { size: size(media.size_bytes) }));
  // Of a long PDF the pages tell; who has it read aloud from the file says so by the button.
  end.node.hidden = isPdf && (media.pages ?? 0) > FEW;
  download.addEventListener("click", () => { end.node.hidden = false; });
  const place = h("div", { class: "document" });
  const node = h("div", {}, prose(module), place, h("p", { class: "actions" }, download), end.node);
  if (media.content_type.startsWith("image/")) place.append(h("img", { src: media.url, alt: module.title }));
  if (!isPdf) return { node };
  const reading = pages(module, course, player, place, () => { end.node.hidden = false; });
  return { node, stop: reading.stop };
}

function pages(module, course, player, place, onEnd) {
  const read = new Set();
  let session = null, pdf = null, shown = 0, since = 0, timer = null, isGone = false, all = module.media.pages ?? 0;
  place.append(h("p", { class: "quiet" }, _("Loading …")));

  // What the page now shown has been there for; told in pieces, so that their sum is the time.
  function tell(least) {
    clearTimeout(timer);
    const dwell = (performance.now() - since) / 1000;
    if (!shown || dwell < least) return;
    since = performance.now();
    player.queue.add({ kind: "document_read", enrollment_id: player.enrollmentId, module_id: module.id, page: shown, dwell_s: dwell, ...(session ? { session_id: session.id } : {}) });
    if (dwell < READ_S) return;
    read.add(shown);
    if (all) player.seen(Math.floor((100 * read.size) / all));
    player.queue.send();
    if (shown === all) onEnd();
  }
  const wait = () => { clearTimeout(timer); since = performance.now(); timer = setTimeout(() => tell(READ_S), SHOWN_MS); };
  const onPage = (n, of) => { tell(1); shown = n; all = of; if (n === of) onEnd(); wait(); player.tell({ position_s: n }); player.queue.send(); };
  const looked = () => { if (document.visibilityState === "hidden") { tell(1); clearTimeout(timer); } else wait(); };

  async function load() {
    const [begun, { pdfView }] = await Promise.all([
      post("/play-sessions", { course_id: course.course_id, module_id: module.id }, { stay: true, signal: player.stopped }).then(({ data }) => data, () => null),
      import("../pdf.js"),
    ]);
    session = begun;
    for (const [from, to] of begun?.watched ?? []) for (let n = from; n < to; n += 1) read.add(n + 1);
    if (begun && begun.percent > (module.progress?.percent ?? 0)) player.progress().catch(() => {});
    pdf = await pdfView(module.media.url, module.title, { onPage, first: begun?.position_s ?? 1 });
    if (isGone) return pdf.stop();
    place.replaceChildren(pdf.node);
    await pdf.start();
  }
  load().catch(() => {
    onEnd();
    if (!isGone) place.replaceChildren(h("p", { class: "alert-box warn" }, icon("info-circle"), _("This document can't be shown here: download it, and say when you have read it.")));
  });
  document.addEventListener("visibilitychange", looked);
  player.place = () => null;
  return { stop() { isGone = true; document.removeEventListener("visibilitychange", looked); if (shown) tell(1); pdf?.stop(); } };
}
