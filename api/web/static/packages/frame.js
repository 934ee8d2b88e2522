// Stands between a package and our page, on the site that only shows packages. A package looks for SCORM's API in the
// windows above its own and calls it synchronously, so the API lives here; what it keeps goes to our page by message.

const home = document.documentElement.dataset.home;
const NAVIGATION = ["continue", "previous", "exit", "exitAll", "abandon", "abandonAll", "suspendAll"];
let lastSaid = "";

function tell(kind, more = {}) {
  window.parent.postMessage({ praxis: kind, ...more }, home);
}

function said(api, isOver) {
  const whole = JSON.parse(JSON.stringify(api.renderCommitCMI(isOver, true))).cmi;
  const text = JSON.stringify(whole);
  if (text !== lastSaid) {
    lastSaid = text;
    tell("state", { cmi: whole });
  }
}

// What the visit before this one ended with is over; the time of it is in the total.
function withoutVisit(cmi) {
  const kept = structuredClone(cmi);
  for (const part of [kept, kept.core ?? {}]) {
    delete part.session_time;
    delete part.exit;
    delete part.entry;
  }
  return kept;
}

function entryOf(kept, isNew, isDone) {
  const exit = kept.exit ?? kept.core?.exit ?? "";
  return isNew ? "ab-initio" : exit === "suspend" || !isDone ? "resume" : "";
}

async function scorm12({ item, learner, mode }) {
  const { Scorm12API } = await import("/static/vendor/scorm-again/scorm12.min.js");
  const api = new Scorm12API({ autocommit: false, logLevel: 5, autoCompleteLessonStatus: true });
  api.loadFromJSON(withoutVisit(item.cmi), "cmi");
  api.cmi.core.student_id = learner.id;
  api.cmi.core.student_name = learner.name;
  api.cmi.core.credit = mode === "normal" ? "credit" : "no-credit";
  api.cmi.core.lesson_mode = mode === "normal" ? "normal" : "browse";
  api.cmi.core.entry = entryOf(item.cmi, item.revision === 0, item.percent === 100);
  if (item.launch_data) api.cmi.launch_data = item.launch_data;
  if (item.mastery !== null) api.cmi.student_data.mastery_score = String(item.mastery);
  listen(api, "LMSInitialize", ["LMSSetValue", "LMSCommit"], "LMSFinish", () => "");
  window.API = api;
}

async function scorm2004({ item, learner, mode }) {
  const { Scorm2004API } = await import("/static/vendor/scorm-again/scorm2004.min.js");
  const api = new Scorm2004API({ autocommit: false, logLevel: 5 });
  api.loadFromJSON(withoutVisit(item.cmi), "cmi");
  api.cmi.learner_id = learner.id;
  api.cmi.learner_name = learner.name;
  api.cmi.credit = mode === "normal" ? "credit" : "no-credit";
  api.cmi.mode = mode === "normal" ? "normal" : "browse";
  api.cmi.entry = entryOf(item.cmi, item.revision === 0, item.percent === 100);
  if (item.launch_data) api.cmi.launch_data = item.launch_data;
  if (item.mastery !== null) api.cmi.scaled_passing_score = String(item.mastery / 100);
  if (item.completion_percent !== null) api.cmi.completion_threshold = String(item.completion_percent / 100);
  let wish = "";
  api.on("SetValue.adl.nav.request", (_, value) => { wish = String(value); });
  listen(api, "Initialize", ["SetValue", "Commit"], "Terminate", () => wish);
  window.API_1484_11 = api;
}

function listen(api, begun, kept, over, wish) {
  api.on(begun, () => tell("begun"));
  for (const one of kept) api.on(one, () => said(api, false));
  api.on(over, () => {
    said(api, true);
    tell("over", { takesAway: NAVIGATION.includes(wish()) });
  });
}

async function play(told) {
  await (told.standard === "scorm12" ? scorm12(told) : scorm2004(told));
  const shown = document.createElement("iframe");
  shown.title = told.item.title;
  shown.allow = "autoplay; fullscreen";
  shown.src = told.launch;
  document.body.replaceChildren(shown);
}

window.addEventListener("message", (event) => {
  if (event.origin !== home || event.source !== window.parent || event.data?.praxis !== "play") return;
  play(event.data).catch((error) => tell("broken", { reason: String(error) }));
});
tell("ready");
