// What a learner sees of each kind of module. A view is {node, wide?, stop?}: `wide` goes above the text, edge to edge.
import { post } from "/static/lib/api.js";
import { assetOf } from "../assets.js";
import { h, icon, plural, size } from "/static/lib/dom.js";
import { liveSession } from "./live.js";
import { packageFrame } from "./package.js";
import { quizPreview } from "./quiz.js";
import { videoPlayer } from "/static/lib/video.js";

const VIEWS = { video, document: documentView, text: (module) => ({ node: prose(module.body) }), quiz, link, package: packageView, live: (module) => ({ node: h("div", {}, liveSession(module), prose(module.body)) }) };

export const moduleView = (module, course) => VIEWS[module.kind](module, course);

function prose(text) {
  const node = h("div", { class: "prose" });
  if (text.trim()) {
    post("/render-markdown", { text }).then(({ data }) => { node.innerHTML = data.html; }, (problem) => node.replaceChildren(trouble(problem.message)));
  }
  return node;
}

const trouble = (text) => h("p", { class: "alert-box warn" }, icon("info-circle"), text);

// What a file shows once it is there: before that, and where it failed, a sentence.
function withAsset(module, holder, show) {
  if (!module.media_id) {
    holder.replaceChildren(trouble("No file is chosen yet."));
    return;
  }
  const said = { processing: (asset) => `The file is being processed: ${asset.progress_percent} %.`, failed: (asset) => asset.failure ?? "The file can't be shown.", cancelled: () => "The upload was cancelled." };
  assetOf(module.media_id).then((asset) => {
    if (asset.status === "ready") show(asset);
    else holder.replaceChildren(trouble(said[asset.status](asset)));
  }, (problem) => holder.replaceChildren(trouble(problem.message)));
}

function video(module) {
  const wide = h("div", { class: "learn-stage" });
  let playing;
  let isGone = false;
  withAsset(module, wide, (asset) => {
    if (isGone) return;
    playing = videoPlayer(asset, module.title);
    wide.replaceChildren(playing.node);
  });
  return { wide, node: prose(module.body), stop: () => { isGone = true; playing?.stop(); } };
}

function documentView(module) {
  const holder = h("div", {});
  withAsset(module, holder, ({ links, file_name: name, detail }) => {
    const isPdf = links.content_type === "application/pdf";
    const download = h("a", { class: "btn", href: links.url, download: name }, icon("file-text"), `Download ${name} (${size(links.size_bytes)})`);
    holder.replaceChildren(...(isPdf ? [h("iframe", { class: "learn-page", src: links.url, title: module.title })] : []),
      ...(links.content_type.startsWith("image/") ? [h("img", { class: "learn-image", src: links.url, alt: module.title })] : []),
      h("p", { class: "actions" }, download, detail?.pages && h("span", { class: "quiet" }, plural(detail.pages, "page"))));
  });
  return { node: h("div", {}, prose(module.body), holder) };
}

function quiz(module, course) {
  return { node: h("div", {}, prose(module.body), quizPreview(module, course)) };
}

function link(module) {
  if (!module.url) return { node: trouble("No address is given yet.") };
  return { node: h("div", {}, prose(module.body), h("p", { class: "quiet" }, `This step is on another site: ${new URL(module.url).host}`),
    h("a", { class: "btn btn-primary", href: module.url, target: "_blank", rel: "noopener noreferrer" }, icon("external-link"), "Open in a new tab")) };
}

function packageView(module, course) {
  const holder = h("div", {});
  withAsset(module, holder, (asset) => holder.replaceChildren(packageFrame(module, course, asset)));
  return { node: h("div", {}, prose(module.body), holder) };
}
