// A video: goes on where I was, on whatever device; what I play is kept, sent and sent again until the server has it.
import { post } from "/static/lib/api.js";
import { h, icon, toast } from "/static/lib/dom.js";
import { gettext as _, place } from "/static/lib/i18n.js";
import { videoPlayer } from "/static/lib/video.js";
import { covered, merged, Watch } from "../watch.js";
import { words } from "../words.js";
import { prose } from "./prose.js";

const RENEW_MS = 12 * 3600_000; // a session earns no time after a day

export function view(module, course, player) {
  const wide = h("div", { class: "learn-stage" });
  const node = h("div", {}, prose(module));
  if (!module.media) {
    wide.append(h("p", { class: "alert-box warn" }, icon("info-circle"), _("The video is not ready yet: come back later.")));
    return { wide, node };
  }
  const { node: stage, video, stop } = videoPlayer({ links: module.media }, module.title, words());
  wide.append(stage);
  const ids = { course_id: course.course_id, module_id: module.id };
  let session = null, began = 0, seen = [], saidAt = null;

  const length = () => (Number.isFinite(video.duration) && video.duration) || module.duration_s;
  const show = () => player.seen(Math.min(100, Math.floor((100 * covered(seen, length())) / length())));

  async function begin() {
    began = Date.now();
    try {
      const { data } = await post("/play-sessions", ids, { stay: true, signal: player.stopped });
      const isFirst = session === null;
      session = data;
      seen = merged([...seen, ...data.watched]);
      if (data.percent > (module.progress?.percent ?? 0)) player.progress().catch(() => {}); // was sent as a page closed
      if (isFirst) goOn(data.position_s);
    } catch { began = 0; } // is tried again when something is played
  }

  function goOn(at) {
    if (!at || at < 3 || at > length() - 5 || video.currentTime > 1) return;
    const jump = () => { video.currentTime = at; saidAt = at; };
    if (video.readyState) jump(); else video.addEventListener("loadedmetadata", jump, { once: true });
    toast(_("Went on at {place}", { place: place(at) }), { action: { label: _("From the beginning"), run: () => { video.currentTime = 0; } } });
  }

  const watch = new Watch(video, ({ from, to, rate }) => {
    seen = merged([...seen, [from, to]]);
    player.queue.add({ kind: "video_played", enrollment_id: player.enrollmentId, module_id: module.id, from_s: from, to_s: to, rate, ...(session ? { session_id: session.id } : {}) });
    show();
  });
  function flush() {
    watch.cut();
    const at = Math.round(video.currentTime * 100) / 100;
    if (at !== saidAt && video.readyState) player.tell({ position_s: at });
    saidAt = at;
    player.queue.send();
  }

  const timer = setInterval(() => { if (!video.paused) flush(); }, 10_000);
  const leaving = () => { if (document.visibilityState === "hidden") flush(); };
  video.addEventListener("play", () => { if (Date.now() - began > RENEW_MS) begin(); });
  // The large button goes when the film plays: who pressed it is at the small one then.
  video.addEventListener("play", () => setTimeout(() => {
    if (document.activeElement === document.body) wide.querySelector(".plyr__controls [data-plyr='play']")?.focus({ preventScroll: true });
  }));
  for (const name of ["pause", "ended"]) video.addEventListener(name, flush);
  document.addEventListener("visibilitychange", leaving);
  addEventListener("pagehide", flush);
  player.place = () => video.currentTime;
  player.jump = (seconds) => { video.currentTime = seconds; video.focus(); };
  begin();
  return {
    wide, node,
    stop() {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", leaving);
      removeEventListener("pagehide", flush);
      flush();
      watch.stop();
      stop();
    },
  };
}
