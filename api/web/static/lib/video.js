// A video by Plyr over hls.js: captions, preview pictures on the seek bar, a choice of quality. Everything comes from
// our own host, and nothing needs an inline style or a worker from a blob. After a lost network it goes on by itself.
import Hls from "../vendor/hls.js/hls.min.mjs";
import Plyr from "../vendor/plyr/plyr.min.mjs";
import { h } from "./dom.js";

const CONTROLS = ["play-large", "play", "rewind", "fast-forward", "progress", "current-time", "duration", "mute", "volume", "captions", "settings", "pip", "fullscreen"];
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]; // the server believes in no more than 2
const AUTO = 0;
const RETRY_MS = 3000;

// `words` are Plyr's texts in the reader's language.
export function videoPlayer({ links }, title, words = {}) {
  const video = h("video", { playsinline: true, preload: "metadata", crossorigin: "anonymous", poster: links.poster, "aria-label": title },
    links.captions.map(({ url, label, language }, at) => h("track", { kind: "captions", src: url, label: label || language, srclang: language, default: at === 0 })));
  const node = h("div", { class: "player" }, video);
  new MutationObserver(() => node.querySelectorAll("img:not([alt])").forEach((image) => { image.alt = ""; })) // Plyr's previews have none
    .observe(node, { childList: true, subtree: true });
  const stop = links.hls && Hls.isSupported() ? playHls(video, links, words) : playFile(video, links, words);
  return { node, video, stop };
}

function playFile(video, links, words) {
  const source = links.hls ?? links.url;
  let timer;
  // A file whose network went is asked for anew, from the place where it was.
  const again = () => {
    clearTimeout(timer);
    if (video.error?.code !== MediaError.MEDIA_ERR_NETWORK) return;
    const at = video.currentTime;
    video.src = source;
    video.addEventListener("loadedmetadata", () => { video.currentTime = at; }, { once: true });
    video.play().catch(() => {});
  };
  video.addEventListener("error", () => { timer = setTimeout(again, RETRY_MS); });
  addEventListener("online", again);
  video.src = source;
  const player = controls(video, links, words);
  return () => { clearTimeout(timer); removeEventListener("online", again); player.destroy(); };
}

function playHls(video, links, words) {
  // Captions are tracks of our own: hls.js would show those of the playlist a second time.
  const hls = new Hls({ enableWorker: false, enableWebVTT: false, enableIMSC1: false, enableCEA708Captions: false, capLevelToPlayerSize: true });
  let player, timer;
  let isLost = false;
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    if (player) return;
    const heights = [...new Set(hls.levels.map((level) => level.height).filter(Boolean))].sort((a, b) => b - a);
    const choose = (height) => { hls.currentLevel = height === AUTO ? -1 : hls.levels.findIndex((level) => level.height === height); };
    // Only then the media: Plyr copies the element, and a copy with the same blob: would fail to load it.
    player = controls(video, links, words, { quality: { default: AUTO, options: [AUTO, ...heights], forced: true, onChange: choose } });
    hls.attachMedia(video);
  });
  // The network is asked for again every few seconds, and at once when the browser says that it is back.
  const again = () => {
    clearTimeout(timer);
    if (!isLost) return;
    isLost = false;
    if (player) hls.startLoad(); else hls.loadSource(links.hls);
  };
  hls.on(Hls.Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else if (type === Hls.ErrorTypes.NETWORK_ERROR) { isLost = true; clearTimeout(timer); timer = setTimeout(again, RETRY_MS); }
  });
  addEventListener("online", again);
  hls.loadSource(links.hls);
  return () => { clearTimeout(timer); removeEventListener("online", again); hls.destroy(); player?.destroy(); };
}

function controls(video, links, words, more = {}) {
  return new Plyr(video, {
    controls: CONTROLS, settings: ["captions", "quality", "speed"], captions: { active: true, update: true, language: "auto" },
    iconUrl: "/static/vendor/plyr/plyr.svg", blankVideo: "", storage: { enabled: false }, keyboard: { focused: true, global: false },
    speed: { selected: 1, options: SPEEDS },
    previewThumbnails: { enabled: Boolean(links.sprites), src: links.sprites ?? "" }, i18n: { qualityLabel: { [AUTO]: words.automatic ?? "Automatic" }, ...words }, ...more,
  });
}
