// A text is read once its end was in view for a moment, after as long as its shortest reading takes, or its reader
// says so.
import { h } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { doneButton, prose } from "./prose.js";

const READ_S = 3;

export function view(module, course, player) {
  const began = performance.now();
  const end = doneButton(module, player, _("I have read it"));
  const isDone = Boolean(module.progress?.completed_at);
  let timer = null;
  const seen = new IntersectionObserver(([entry]) => {
    clearTimeout(timer);
    if (!entry.isIntersecting) return;
    timer = setTimeout(() => {
      if (document.visibilityState === "hidden") return;
      player.queue.add({ kind: "page_viewed", enrollment_id: player.enrollmentId, module_id: module.id, dwell_s: (performance.now() - began) / 1000 });
      stop();
      end.run();
    }, READ_S * 1000);
  });
  const stop = () => { clearTimeout(timer); seen.disconnect(); };
  if (!isDone) seen.observe(end.node);
  return { node: h("div", {}, prose(module), end.node), stop };
}
