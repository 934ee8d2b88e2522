// The file of a module: chosen, uploaded with pause and resume, made ready by the server, shown, replaced.
import { get, post } from "/static/lib/api.js";
import { announce, confirmDialog, duration, h, icon, newId, plural, size, toastError } from "/static/lib/dom.js";
import { chooseAsset, thumb } from "/static/studio/pickers.js";
import { startUpload } from "/static/studio/upload.js";

export const ACCEPT = {
  video: "video/*,.mkv,.mov,.mp4,.webm,.avi,.m4v",
  document: ".pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp,.rtf,application/pdf",
  package: ".zip,application/zip",
  image: "image/png,image/jpeg,image/webp,image/gif,.png,.jpg,.jpeg,.webp",
};
const WORDS = { video: "video", document: "document", package: "package", image: "picture" };
const POLL_MS = 1200;

// Uploads that go on while another module is shown: by the id of what they are for.
const running = new Map();
addEventListener("beforeunload", (event) => { if ([...running.values()].some((one) => !one.over)) event.preventDefault(); });

export class Transfer {
  constructor(file, kind, { done, key = newId("transfer") }) {
    Object.assign(this, { file, kind, key, state: "uploading", progress: { sent: 0, total: file.size, percent: 0 }, error: null, over: false, watchers: new Set() });
    running.set(key, this);
    this.upload = startUpload({
      file, kind: kind === "video" ? "video" : "material",
      onProgress: (progress) => { this.progress = progress; this.#say(); },
      onState: (state) => { this.state = state; this.#say(); },
      onDone: ({ assetId }) => { this.over = true; running.delete(key); done(assetId); },
      onError: (error) => { this.over = true; this.error = error; this.#say(); },
    });
  }
  abort() { this.over = true; running.delete(this.key); return this.upload.abort(); }
  forget() { running.delete(this.key); }
  #say() { for (const watch of this.watchers) watch(); }
}

export const transferOf = (key) => running.get(key);

const STATES = { uploading: "Uploading", waiting: "Waiting for the connection", paused: "Paused", checking: "Checking the file" };

// How an upload stands, with its buttons.
export function transferRow(transfer, onaway, away = "Choose another file") {
  const bar = h("progress", { max: 100, value: 0, "aria-label": `Upload of ${transfer.file.name}` });
  const words = h("div", { class: "quiet transfer-words" });
  const pause = h("button", { type: "button", class: "btn btn-sm", onclick: () => (transfer.state === "paused" ? transfer.upload.resume() : transfer.upload.pause()) });
  const cancel = h("button", { type: "button", class: "btn btn-sm", onclick: async () => { await transfer.abort(); transfer.watchers.clear(); onaway(); } }, "Cancel upload");
  const box = h("div", { class: "transfer" }, h("div", { class: "transfer-head" }, h("strong", {}, transfer.file.name), h("span", { class: "quiet" }, size(transfer.file.size))), bar, words, h("div", { class: "actions" }, pause, cancel));
  let last = "";
  const draw = () => {
    if (transfer.error) {
      box.replaceChildren(h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), h("div", {}, h("strong", {}, `${transfer.file.name}: ${transfer.error.title.charAt(0).toLowerCase()}${transfer.error.title.slice(1)}. `), transfer.error.detail)),
        h("div", { class: "actions" }, h("button", { type: "button", class: "btn btn-sm", onclick: () => { transfer.forget(); onaway(); } }, away)));
      return;
    }
    const { percent, sent, total, bytesPerSecond, etaSeconds } = transfer.progress;
    bar.value = percent;
    const rate = transfer.state === "uploading" && bytesPerSecond ? ` · ${size(bytesPerSecond)}/s` : "";
    const eta = transfer.state === "uploading" && etaSeconds ? ` · ${duration(etaSeconds)} left` : "";
    words.textContent = `${STATES[transfer.state] || transfer.state}: ${Math.floor(percent)} % (${size(sent)} of ${size(total)})${rate}${eta}`;
    pause.replaceChildren(icon(transfer.state === "paused" ? "player-play" : "player-pause"), transfer.state === "paused" ? "Resume" : "Pause");
    pause.hidden = transfer.state === "checking";
    if (transfer.state !== last) announce(`${transfer.file.name}: ${STATES[transfer.state] || transfer.state}`);
    last = transfer.state;
  };
  transfer.watchers.add(draw);
  draw();
  return box;
}

// `get()` is the asset's id now, `set(id, asset)` keeps another; `key` names the place across redraws.
export function mediaField(kind, { key, value, onchange, shown, label }) {
  const place = h("div", { class: "media-field", role: "group", "aria-label": label || `File: ${WORDS[kind]}` });
  let current = value, timer = null;
  const isHere = () => place.isConnected;
  const set = (id, asset) => { current = id; onchange(id, asset); draw(); };
  const start = (file) => {
    if (!file) return;
    new Transfer(file, kind, { key, done: (id) => { set(id, null); if (isHere()) announce(`${file.name} is uploaded and being processed.`); } });
    draw();
  };

  function empty() {
    const input = h("input", { type: "file", class: "visually-hidden", id: newId("file"), accept: ACCEPT[kind], tabindex: "-1", "aria-label": `Choose a ${WORDS[kind]}`, onchange: () => start(input.files[0]) });
    const zone = h("div", { class: "drop" }, icon("upload"),
      h("div", { class: "actions" }, h("button", { type: "button", class: "btn btn-primary", onclick: () => input.click() }, `Upload a ${WORDS[kind]}`),
        h("button", { type: "button", class: "btn", onclick: async () => { const asset = await chooseAsset(kind, `Choose a ${WORDS[kind]}`).catch(toastError); if (asset) set(asset.id, asset); } }, "From your media")),
      h("div", { class: "quiet by-mouse" }, "or drop it here"), input);
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => { event.preventDefault(); zone.classList.remove("is-over"); start(event.dataTransfer.files[0]); });
    return zone;
  }

  const replace = () => h("button", { type: "button", class: "btn btn-sm", onclick: () => set(null, null) }, icon("refresh"), "Use another file");

  function failed(asset) {
    const retry = asset.kind === "video"
      ? h("button", { type: "button", class: "btn btn-sm", onclick: () => act("retry", asset) }, icon("refresh"), "Try again") : null;
    return [asset.status === "cancelled" ? h("div", { class: "alert-box warn" }, icon("info-circle"), h("div", {}, `Processing of ${asset.file_name} was cancelled. The file is kept.`))
      : h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), h("div", {}, h("strong", {}, `${asset.file_name} can't be used. `), asset.failure || "")), h("div", { class: "actions" }, retry, replace())];
  }

  function processing(asset) {
    const eta = asset.eta_s ? ` · about ${duration(asset.eta_s)} left` : "";
    const words = asset.kind === "video" ? "The video is being processed" : "The file is being processed";
    return [h("div", { class: "transfer-head" }, h("strong", {}, asset.file_name), h("span", { class: "badge tone-now" }, "Processing")),
      h("progress", { max: 100, value: asset.progress_percent, "aria-label": `Processing of ${asset.file_name}` }),
      h("div", { class: "quiet" }, `${words}: ${asset.progress_percent} %${eta}. You can go on writing; it goes on when you leave.`),
      asset.kind === "video" ? h("div", { class: "actions" }, h("button", { type: "button", class: "btn btn-sm", onclick: () => act("cancel", asset) }, "Cancel processing")) : null];
  }

  function ready(asset) {
    const facts = [size(asset.size_bytes), asset.duration_s ? duration(asset.duration_s) : null, asset.detail?.width ? `${asset.detail.width}×${asset.detail.height}` : null,
      asset.detail?.standard ? { scorm12: "SCORM 1.2", scorm2004: "SCORM 2004", html: "HTML" }[asset.detail.standard] : null,
      asset.detail?.page_count ? plural(asset.detail.page_count, "page") : null].filter(Boolean);
    return [h("div", { class: "asset" }, thumb(asset), h("div", { class: "asset-words" }, h("strong", {}, asset.file_name), h("div", { class: "quiet" }, facts.join(" · ")), h("span", { class: "badge tone-ok" }, icon("check"), "Ready"))),
      h("div", { class: "actions" }, asset.links?.url && asset.kind !== "package" ? h("a", { class: "btn btn-sm", href: asset.links.url, target: "_blank", rel: "noopener" }, icon("external-link"), "Open") : null, replace())];
  }

  async function act(what, asset) {
    if (what === "cancel" && !(await confirmDialog("Cancel processing?", "The file stays in your media; you can begin again.", "Cancel processing"))) return;
    try { await post(`/${what}-transcode`, { asset_id: asset.id }); } catch (error) { toastError(error); }
    refresh();
  }

  let before = "";
  async function refresh() {
    clearTimeout(timer);
    const id = current;
    if (!id) return;
    try {
      const { data } = await get(`/media-assets/${id}`, { stay: true });
      if (id !== current) return;
      const now = `${data.status} ${data.progress_percent} ${data.eta_s}`;
      if (data.status !== before.split(" ")[0] && before) announce(data.status === "ready" ? `${data.file_name} is ready.` : `${data.file_name}: ${data.status}`);
      if (now !== before) {
        const held = place.contains(document.activeElement);
        place.replaceChildren(...(data.status === "ready" ? ready(data) : data.status === "processing" ? processing(data) : failed(data)).filter(Boolean));
        if (held) place.querySelector("button, a")?.focus();
        shown?.(data);
      }
      before = now;
      if (data.status === "processing") timer = setTimeout(() => isHere() && refresh(), POLL_MS);
    } catch (error) {
      if (error.status === 404) place.replaceChildren(h("div", { class: "alert-box bad" }, icon("alert-triangle"), "This file is gone."), replace());
      else timer = setTimeout(() => isHere() && refresh(), POLL_MS * 4);
    }
  }

  function draw() {
    clearTimeout(timer);
    before = "";
    shown?.(null);
    const transfer = transferOf(key);
    if (transfer && !current) { place.replaceChildren(transferRow(transfer, draw)); return; }
    if (!current) { place.replaceChildren(empty()); return; }
    place.replaceChildren(h("p", { class: "quiet" }, "Loading the file…"));
    refresh();
  }
  draw();
  return place;
}
