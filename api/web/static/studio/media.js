// The media library: what was uploaded, how far it is, where it is used; several files at once.
import { del, get, post, query } from "/static/lib/api.js";
import { $, announce, confirmDialog, day, debounce, duration, h, icon, iconButton, plural, size, toast, toastError } from "/static/lib/dom.js";
import { Transfer, transferRow } from "/static/studio/mediafield.js";
import { thumb } from "/static/studio/pickers.js";

const KINDS = { video: "Video", document: "Document", image: "Picture", package: "Package" };
const BADGES = { ready: ["Ready", "tone-ok"], processing: ["Processing", "tone-now"], failed: ["Failed", "tone-bad"], cancelled: ["Cancelled", "tone-warn"] };
const place = $("#assets"), list = h("ul", { class: "assets card", "aria-label": "Files" });
let assets = [], next = null, timer = null;
const uses = new Map(); // by asset: the courses of mine that show it

const isVideo = (file) => file.type.startsWith("video/") || /\.(mp4|mov|mkv|webm|avi|m4v|mpg|mpeg|ts|wmv)$/i.test(file.name);

function status(asset) {
  const [words, tone] = BADGES[asset.status];
  if (asset.status !== "processing") return h("div", {}, h("span", { class: `badge ${tone}` }, words), asset.failure ? h("p", { class: "asset-fault" }, asset.failure) : null);
  const eta = asset.eta_s ? ` · about ${duration(asset.eta_s)} left` : "";
  return h("div", { class: "asset-progress" }, h("span", { class: `badge ${tone}` }, `${words} ${asset.progress_percent} %`), h("progress", { max: 100, value: asset.progress_percent, "aria-label": `Processing of ${asset.file_name}` }), h("span", { class: "quiet" }, eta.slice(3)));
}

function used(asset) {
  const where = uses.get(asset.id);
  if (!where) return h("span", { class: "quiet" }, "…");
  if (!where.length) return h("span", { class: "quiet" }, "Not used");
  return h("span", {}, h("span", { class: "quiet" }, "Used in "), where.map((one, n) => [n ? ", " : "", h("a", { href: `/studio/courses/${one.course_id}` }, one.title)]));
}

function row(asset) {
  const facts = [KINDS[asset.kind], size(asset.size_bytes), asset.duration_s ? duration(asset.duration_s) : null, day(asset.created_at)].filter(Boolean).join(" · ");
  return h("li", { class: "asset-row", dataset: { id: asset.id } }, thumb(asset),
    h("div", { class: "asset-words" }, h("h2", { class: "asset-name" }, asset.links?.url && asset.status === "ready" && asset.kind !== "package" ? h("a", { href: asset.links.url, target: "_blank", rel: "noopener" }, asset.file_name) : asset.file_name), h("div", { class: "quiet" }, facts), used(asset)),
    status(asset),
    h("div", { class: "asset-tools" },
      asset.status === "processing" && asset.kind === "video" ? iconButton("x", `Cancel processing of ${asset.file_name}`, () => act(asset, "cancel")) : null,
      ["failed", "cancelled"].includes(asset.status) && asset.kind === "video" ? iconButton("refresh", `Process ${asset.file_name} again`, () => act(asset, "retry")) : null,
      iconButton("trash", `Delete ${asset.file_name}`, () => remove(asset))));
}

function draw() {
  place.setAttribute("aria-busy", "false");
  $("#more").hidden = !next;
  const isFiltered = $("#search").value.trim() || $("#kind").value;
  if (!assets.length) {
    place.replaceChildren(h("div", { class: "card empty" }, icon("photo"), h("h2", {}, isFiltered ? "Nothing matches" : "No file yet"),
      h("p", {}, isFiltered ? "No file of yours has this name and kind." : "Upload videos, PDF and Office documents, pictures and SCORM packages here, or where a course needs them."),
      isFiltered ? null : h("button", { type: "button", class: "btn btn-primary", onclick: () => $("#files").click() }, icon("upload"), "Upload your first file")));
    return;
  }
  // Row by row, so that the focus stays where it is while figures change.
  const rows = new Map([...list.children].map((one) => [one.dataset.id, one]));
  const wanted = assets.map((asset) => {
    const known = rows.get(asset.id), said = JSON.stringify([asset.status, asset.progress_percent, asset.eta_s, asset.failure, uses.get(asset.id)]);
    if (known && known.dataset.said === said) return known;
    const fresh = row(asset);
    fresh.dataset.said = said;
    return fresh;
  });
  if (wanted.length !== list.children.length || wanted.some((one, n) => list.children[n] !== one)) {
    const focused = document.activeElement?.closest?.(".asset-row")?.dataset.id, label = document.activeElement?.getAttribute?.("aria-label");
    list.replaceChildren(...wanted);
    if (focused && label) [...list.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === label)?.focus();
  }
  if (list.parentElement !== place) place.replaceChildren(list);
  $("#count").textContent = next ? `The newest ${assets.length} files` : plural(assets.length, "file");
}

const asked = (cursor) => query("/media-assets", { search: $("#search").value.trim(), kind: $("#kind").value, cursor });

async function ask(ids) {
  if (!ids.length) return;
  const { data } = await get(`/media-uses?${new URLSearchParams(ids.map((id) => ["asset_id", id]))}`);
  for (const id of ids) uses.set(id, data.items.filter((one) => one.asset_id === id));
  draw();
}

async function load() {
  clearTimeout(timer);
  try {
    const { data } = await get(asked());
    // The pages behind the first stay as they were; only what is newest changes by itself.
    const fresh = new Set(data.items.map((one) => one.id));
    const more = next !== null && assets.length > data.items.length ? assets.filter((one) => !fresh.has(one.id)) : [];
    for (const one of data.items) {
      const before = assets.find((other) => other.id === one.id);
      if (before?.status === "processing" && one.status !== "processing") announce(`${one.file_name}: ${BADGES[one.status][0]}`);
    }
    assets = [...data.items, ...more];
    if (!more.length) next = data.next;
    draw();
    await ask(data.items.map((one) => one.id).filter((id) => !uses.has(id)));
  } catch (error) {
    place.replaceChildren(h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), error.message), h("button", { type: "button", class: "btn", onclick: load }, "Try again"));
    return;
  }
  if (assets.some((one) => one.status === "processing")) timer = setTimeout(load, 1500);
}

function reload() { assets = []; next = null; list.replaceChildren(); return load(); }

async function act(asset, what) {
  try { await post(`/${what}-transcode`, { asset_id: asset.id }); } catch (error) { toastError(error); }
  load();
}

async function remove(asset) {
  if (!(await confirmDialog(`Delete ${asset.file_name}?`, "It is gone for good. A file that a course uses can't be deleted.", "Delete"))) return;
  try {
    await del(`/media-assets/${asset.id}`);
    assets = assets.filter((one) => one.id !== asset.id);
    draw();
    toast(`${asset.file_name} is deleted.`);
    $("#search").focus();
  } catch (error) { toastError(error); }
}

function start(files) {
  for (const file of files) {
    const transfer = new Transfer(file, isVideo(file) ? "video" : "material", { done: () => { box.remove(); settle(); load(); announce(`${file.name} is uploaded.`); } });
    const box = transferRow(transfer, () => { box.remove(); settle(); $("#upload").focus(); }, "Close");
    $("#transfer-list").append(box);
  }
  settle();
}

const settle = () => { $("#transfers").hidden = !$("#transfer-list").children.length; };

const input = $("#files");
input.addEventListener("change", () => { start([...input.files]); input.value = ""; });
$("#upload").addEventListener("click", () => input.click());
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => { event.preventDefault(); if (event.dataTransfer.files.length) start([...event.dataTransfer.files]); });
$("#search").addEventListener("input", debounce(reload, 250));
$("#kind").addEventListener("change", reload);
$("#more").addEventListener("click", async () => {
  try { const { data } = await get(asked(next)); assets.push(...data.items); next = data.next; draw(); await ask(data.items.map((one) => one.id)); } catch (error) { toastError(error); }
});
load();
