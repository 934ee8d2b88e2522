// A video by Plyr over hls.js: captions, preview pictures on the seek bar, a choice of quality. Everything comes from
// our own host, and nothing needs an inline style or a worker from a blob.
import Hls from "../../vendor/hls.js/hls.min.mjs";
import Plyr from "../../vendor/plyr/plyr.min.mjs";
import { h } from "/static/lib/dom.js";

const CONTROLS = ["play-large", "play", "rewind", "fast-forward", "progress", "current-time", "duration", "mute", "volume", "captions", "settings", "pip", "fullscreen"];
const AUTO = 0;

export function videoPlayer(asset, title) {
  const { links } = asset;
  const video = h("video", { playsinline: true, preload: "metadata", crossorigin: "anonymous", poster: links.poster, "aria-label": title },
    links.captions.map(({ url, label, language }, at) => h("track", { kind: "captions", src: url, label: label || language, srclang: language, default: at === 0 })));
  const node = h("div", { class: "player" }, video);
  new MutationObserver(() => node.querySelectorAll("img:not([alt])").forEach((image) => { image.alt = ""; })) // Plyr's previews have none
    .observe(node, { childList: true, subtree: true });
  const stop = links.hls && Hls.isSupported() ? playHls(video, links) : playFile(video, links);
  return { node, stop };
}

function playFile(video, links) {
  video.src = links.hls ?? links.url;
  const player = controls(video, links);
  return () => player.destroy();
}

function playHls(video, links) {
  // Captions are tracks of our own: hls.js would show those of the playlist a second time.
  const hls = new Hls({ enableWorker: false, enableWebVTT: false, enableIMSC1: false, enableCEA708Captions: false, capLevelToPlayerSize: true });
  let player;
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    const heights = [...new Set(hls.levels.map((level) => level.height).filter(Boolean))].sort((a, b) => b - a);
    const choose = (height) => { hls.currentLevel = height === AUTO ? -1 : hls.levels.findIndex((level) => level.height === height); };
    // Only then the media: Plyr copies the element, and a copy with the same blob: would fail to load it.
    player = controls(video, links, { quality: { default: AUTO, options: [AUTO, ...heights], forced: true, onChange: choose } });
    hls.attachMedia(video);
  });
  hls.on(Hls.Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.NETWORK_ERROR) hls.startLoad();
    else if (type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
  });
  hls.loadSource(links.hls);
  return () => { hls.destroy(); player?.destroy(); };
}

function controls(video, links, more = {}) {
  return new Plyr(video, {
    controls: CONTROLS, settings: ["captions", "quality", "speed"], captions: { active: true, update: true, language: "auto" },
    iconUrl: "/static/vendor/plyr/plyr.svg", blankVideo: "", storage: { enabled: false }, keyboard: { focused: true, global: false },
    previewThumbnails: { enabled: Boolean(links.sprites), src: links.sprites ?? "" }, i18n: { qualityLabel: { [AUTO]: "Automatic" } }, ...more,
  });
}
