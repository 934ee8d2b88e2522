// Plays a package: shows its frame from the other site, keeps what it says, tells how far one is. In the learner's page
// and in an author's preview.
import { get, query } from "/static/lib/api.js";
import { h, icon } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { Contents, describe } from "./contents.js";
import { lastSent, Saver } from "./saver.js";

const SANDBOX = "allow-scripts allow-forms allow-popups allow-modals";
const LEAVING_MS = 1500;
const READ_AGAIN = 8;
const READ_AGAIN_MS = 150;
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// `saved` gets each answer of the server: {module_percent, progress_percent, …}.
export function packageStage({ course, module, isPreview = false, saved = () => {} }) {
  let told;
  let shown = null; // {item, frame, saver, talks}
  let isGone = false;
  const stage = h("div", { id: "stage" });
  const stateLine = h("p", { id: "state", role: "status" });
  const finished = h("button", { id: "finished", type: "button", class: "btn btn-primary fit", hidden: true, onclick: () => keep({}, true) }, _("I have finished"));
  const wide = h("button", { type: "button", class: "btn", hidden: !document.fullscreenEnabled, onclick: () => stage.requestFullscreen() }, _("Full screen"));
  const notice = h("p", { id: "notice", class: "notice alert-box", role: "status", hidden: true });
  const failure = h("p", { id: "error", class: "error alert-box bad", role: "alert", hidden: true });
  const contents = new Contents((item) => open(item));
  const node = h("div", { class: "play" }, notice, failure, h("section", { class: "play-main", "aria-label": _("Content") },
    stage, h("div", { class: "below" }, stateLine, wide, finished)), contents.node);

  const say = (line, text) => { line.replaceChildren(line === failure && text ? icon("alert-triangle") : "", text); line.hidden = !text; };

  function draw() {
    const done = told.items.filter((item) => item.percent === 100).length;
    const here = shown ? describe(shown.item) : "";
    stateLine.textContent = told.items.length > 1 ? _("{here} · {n} of {all} parts done", { here, n: done, all: told.items.length }) : here;
    finished.hidden = !shown || shown.talks || shown.item.percent === 100 || isPreview;
    contents.draw(told.items, shown?.item);
  }

  const saverOf = (item) => new Saver({
    course, module, item,
    onSaved: (answer) => {
      Object.assign(item, { percent: answer.percent, score_percent: answer.score_percent, revision: answer.revision });
      say(failure, "");
      saved(answer);
      if (!isGone) draw();
    },
    onProblem: (text, passes, status) => say(failure, status === 401 ? _("You are signed out: sign in in another window, then go on here.") : text),
  });

  function keep(cmi, isFinished, isOver = false) {
    Object.assign(shown.item, { cmi, is_finished: isFinished });
    if (!isPreview) shown.saver.keep({ cmi, isFinished, isOver });
  }

  // The package says its last words when it is taken away; they are waited for.
  async function close() {
    if (!shown) return;
    shown.frame.src = "about:blank";
    await wait(shown.talks ? 150 : 0);
    await shown.saver.settled(LEAVING_MS);
  }

  async function open(item) {
    await close();
    if (isGone) return;
    const isTalking = item.kind === "sco" && told.standard !== "html";
    if (isTalking && !told.frame_url) return say(failure, _("This installation has no separate address for packages, so SCORM can't be played: ask its operator."));
    const sandbox = told.frame_url ? `${SANDBOX} allow-same-origin` : SANDBOX;
    const frame = h("iframe", { title: item.title, sandbox, allow: "autoplay; fullscreen" });
    shown = { item, frame, saver: saverOf(item), talks: Object.keys(item.cmi).length > 0 };
    frame.src = isTalking ? told.frame_url : told.files_url + item.launch;
    stage.replaceChildren(frame);
    draw();
  }

  function ended() {
    const again = h("button", { type: "button", class: "btn btn-primary fit", onclick: () => open(shown.item) }, _("Open it again"));
    const panel = h("div", { class: "ended" }, h("p", {}, _("This part is closed, and what you did is saved.")), again);
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
    over: ({ takesAway }) => { keep(shown.item.cmi, false, true); if (takesAway) ended(); },
    complete: () => { if (!shown.talks && told.standard === "html") keep({}, true); },
    broken: ({ reason }) => say(failure, _("The package can't be played: {reason}", { reason })),
  };
  const listen = (event) => {
    if (!shown || event.source !== shown.frame.contentWindow) return;
    if (told.frame_url && event.origin !== new URL(told.frame_url).origin) return;
    if (Object.hasOwn(heard, event.data?.praxis)) heard[event.data.praxis](event.data);
  };
  const last = () => shown?.saver.last();
  const hidden = () => { if (document.visibilityState === "hidden") last(); };
  addEventListener("message", listen);
  addEventListener("pagehide", last);
  document.addEventListener("visibilitychange", hidden);

  const read = async () => (await get(query("/package-state", { course_id: course, module_id: module, preview: String(isPreview) }))).data;

  async function start() {
    let found = await read();
    const isOnItsWay = () => !isPreview && found.items.some((item) => lastSent(module, item.id) > item.revision);
    for (let tries = 0; tries < READ_AGAIN && isOnItsWay(); tries += 1) {
      await wait(READ_AGAIN_MS);
      found = await read();
    }
    told = found;
    if (isPreview) say(notice, _("A preview: nothing of it is kept."));
    await open(told.items.find((item) => item.percent < 100) ?? told.items[0]);
  }
  start().catch((problem) => say(failure, problem.message));

  // The frame is taken away by who shows this; its last words are heard a moment longer.
  async function stop() {
    isGone = true;
    removeEventListener("pagehide", last);
    document.removeEventListener("visibilitychange", hidden);
    last();
    await close();
    removeEventListener("message", listen);
  }
  return { node, stop };
}
