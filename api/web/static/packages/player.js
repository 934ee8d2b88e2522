// Plays a package: shows its frame from the other site, keeps what it says, tells how far one is.

import { lastSent, Saver } from "./saver.js";

const SANDBOX = "allow-scripts allow-forms allow-popups allow-modals";
const LEAVING_MS = 1500;
const READ_AGAIN = 8;
const READ_AGAIN_MS = 150;
const root = document.getElementById("player");
const { course, module } = root.dataset;
const isPreview = root.dataset.preview === "1";
const [stage, stateLine, finished, notice, failure, contents] =
  ["stage", "state", "finished", "notice", "error", "contents"].map((id) => document.getElementById(id));

if (window.parent !== window) document.body.classList.add("framed"); // in the studio's preview, which has these itself

let told;
const entries = new Map(); // item -> its button in the contents
let shown = null; // {item, frame, saver, talks}

function say(line, text) {
  line.textContent = text;
  line.hidden = !text;
}

function describe(item) {
  if (item.percent === 100) return item.score_percent === null ? "Done" : `Done, score ${item.score_percent} %`;
  if (item.percent > 0) return `${item.percent} % done`;
  return item.revision > 0 ? "Begun" : "Not begun";
}

function draw() {
  const done = told.items.filter((item) => item.percent === 100).length;
  const here = shown ? describe(shown.item) : "";
  stateLine.textContent = told.items.length > 1 ? `${here} · ${done} of ${told.items.length} parts done` : here;
  finished.hidden = !shown || shown.talks || shown.item.percent === 100 || isPreview;
  contents.hidden = told.items.length < 2;
  for (const [item, button] of entries) {
    const isHere = shown?.item === item;
    const tag = button.firstChild;
    tag.className = item.percent === 100 ? "tag done" : isHere ? "tag now" : "tag";
    tag.textContent = item.percent === 100 ? "Done" : isHere ? "Now" : "Open";
    if (isHere) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
}

function list() {
  for (const item of told.items) {
    const line = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("span"), item.title);
    button.addEventListener("click", () => open(item));
    line.append(button);
    contents.querySelector("ol").append(line);
    entries.set(item, button);
  }
}

function saverOf(item) {
  return new Saver({
    course,
    module,
    item,
    onSaved: (answer) => {
      item.percent = answer.percent;
      item.score_percent = answer.score_percent;
      item.revision = answer.revision;
      say(failure, "");
      draw();
    },
    onProblem: (text, passes, status) => {
      say(failure, status === 401 ? "You are signed out: sign in in another window, then go on here." : text);
    },
  });
}

function keep(cmi, isFinished) {
  shown.item.cmi = cmi;
  shown.item.is_finished = isFinished;
  if (!isPreview) shown.saver.keep({ cmi, isFinished });
}

// The package says its last words when it is taken away; they are waited for.
async function close() {
  if (!shown) return;
  shown.frame.src = "about:blank";
  await new Promise((resolve) => { setTimeout(resolve, shown.talks ? 150 : 0); });
  await shown.saver.settled(LEAVING_MS);
}

async function open(item) {
  await close();
  const isTalking = item.kind === "sco" && told.standard !== "html";
  if (isTalking && !told.frame_url) {
    say(failure, "This installation has no separate address for packages, so SCORM can't be played: ask its operator.");
    return;
  }
  const frame = document.createElement("iframe");
  frame.title = item.title;
  frame.setAttribute("sandbox", told.frame_url ? `${SANDBOX} allow-same-origin` : SANDBOX);
  frame.allow = "autoplay; fullscreen";
  shown = { item, frame, saver: saverOf(item), talks: Object.keys(item.cmi).length > 0 };
  frame.src = isTalking ? told.frame_url : told.files_url + item.launch;
  stage.replaceChildren(frame);
  draw();
}

function ended() {
  const panel = document.createElement("div");
  const text = document.createElement("p");
  const again = document.createElement("button");
  panel.className = "ended";
  text.textContent = "This part is closed, and what you did is saved.";
  again.type = "button";
  again.className = "fit";
  again.textContent = "Open it again";
  again.addEventListener("click", () => open(shown.item));
  panel.append(text, again);
  setTimeout(() => { stage.replaceChildren(panel); again.focus(); }, 100);
}

const heard = {
  ready: () => {
    const { standard, learner, mode } = told;
    const more = { standard, learner, mode, item: shown.item, launch: told.files_url + shown.item.launch };
    shown.frame.contentWindow.postMessage({ praxis: "play", ...more }, new URL(told.frame_url).origin);
  },
  begun: () => { shown.talks = true; draw(); },
  state: ({ cmi }) => keep(cmi, false),
  over: ({ takesAway }) => { if (takesAway) ended(); },
  complete: () => { if (!shown.talks && told.standard === "html") keep({}, true); },
  broken: ({ reason }) => say(failure, `The package can't be played: ${reason}`),
};

window.addEventListener("message", (event) => {
  if (!shown || event.source !== shown.frame.contentWindow) return;
  if (told.frame_url && event.origin !== new URL(told.frame_url).origin) return;
  if (Object.hasOwn(heard, event.data?.praxis)) heard[event.data.praxis](event.data);
});
finished.addEventListener("click", () => keep({}, true));
window.addEventListener("pagehide", () => shown?.saver.last());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") shown?.saver.last();
});

async function read() {
  const asked = new URLSearchParams({ course_id: course, module_id: module, preview: String(isPreview) });
  const answer = await fetch(`/package-state?${asked}`);
  return { ok: answer.ok, found: await answer.json() };
}

async function start() {
  let { ok, found } = await read();
  const isOnItsWay = () => ok && !isPreview && found.items.some((item) => lastSent(module, item.id) > item.revision);
  for (let tries = 0; tries < READ_AGAIN && isOnItsWay(); tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, READ_AGAIN_MS); });
    ({ ok, found } = await read());
  }
  if (!ok) {
    say(failure, found.detail);
    return;
  }
  told = found;
  list();
  if (isPreview) say(notice, "A preview: nothing of it is kept.");
  await open(told.items.find((item) => item.percent < 100) ?? told.items[0]);
}

start().catch(() => say(failure, "The package can't be reached: load the page again."));
