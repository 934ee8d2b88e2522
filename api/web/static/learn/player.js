// The player: one step of a course at a time, beside the outline. Going on needs no new page, so it goes on offline.
import { get, post, query } from "/static/lib/api.js";
import { $, announce, h, icon } from "/static/lib/dom.js";
import { gettext as _, percent } from "/static/lib/i18n.js";
import { finished } from "./finished.js";
import { notesPanel } from "./notes.js";
import { bar, outline } from "./outline.js";
import { Queue } from "./queue.js";

const KINDS = ["video", "document", "text", "quiz", "link", "package", "live"];
const told = $("#content");
const course = JSON.parse(told.textContent);
let leave = new AbortController();
let shown = null;
let stops = [];
let seenHere = 0; // what is played in this page counts in its bar before the server has it

const at = () => course.modules.findIndex((module) => module.id === shown?.id);
const address = (module) => `/learn/${course.course_id}/${module.id}`;
// What a reader has to know of what still waits in the browser; said once, until it is over.
const STATES = {
  offline: () => _("No connection. What you watch and read is kept and sent when you are back."),
  "signed-out": () => _("You are signed out. What you watched is kept: sign in again to send it."),
};
function tell(state) {
  const note = $("#offline"), text = STATES[state]?.() ?? "";
  if (note.dataset.state === state) return;
  note.dataset.state = state;
  $("#offline-text").replaceChildren(text, " ", state === "signed-out" ? h("a", { href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, _("Sign in")) : "");
  if (note.hidden === !text) return;
  note.hidden = !text;
  if (!text) announce(_("You are back. What you watched is sent."));
}
const queue = new Queue(told.dataset.person, {
  onState: (state) => tell(state === "sent" && !navigator.onLine ? "offline" : state),
  onProgress: done,
});
addEventListener("offline", () => tell("offline"));

const isDone = (module) => Boolean(module.progress?.completed_at);

function draw() {
  if (!shown) return;
  const focused = $("#outline").contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  $("#outline").replaceChildren(outline(course, shown, { address, isDone, go }));
  if (focused) $(`#outline [href="${focused}"]`)?.focus({ preventScroll: true });
  const percentNow = isDone(shown) ? 100 : Math.min(99, Math.max(seenHere, shown.progress?.percent ?? 0));
  const seen = shown.kind === "video" ? _("{percent} watched", { percent: percent(percentNow) })
    : shown.kind === "document" ? _("{percent} read", { percent: percent(percentNow) }) : isDone(shown) ? _("Done") : "";
  $("#seen").textContent = seen;
  $("#seen-bar").replaceChildren(["video", "document"].includes(shown.kind) ? bar(percentNow, seen) : "");
}

// What the server said of my progress, wherever it came from: the outline follows, and the end of the course.
function done(progress) {
  if (progress.enrollment_id !== course.enrollment.id) return; // of another course, kept by an earlier page
  const module = course.modules.find((one) => one.id === progress.module.module_id);
  const wasDone = module && isDone(module);
  if (module) module.progress = { ...module.progress, ...progress.module };
  const wasFinished = Boolean(course.enrollment.completed_at);
  Object.assign(course.enrollment, { progress_percent: progress.progress_percent, completed_at: progress.completed_at, score_percent: progress.score_percent });
  draw();
  if (!wasFinished && progress.completed_at) celebrate();
  else if (module && !wasDone && isDone(module)) announce(_("{title}: done.", { title: module.title }));
}

async function celebrate() {
  const card = finished(course);
  $("#step").prepend(card);
  card.querySelector("h2").focus();
}

async function refresh() {
  const { data } = await get(query("/course-content", { course_id: course.course_id }));
  Object.assign(course, data);
  shown = course.modules.find((module) => module.id === shown.id) ?? course.modules[0];
  draw();
  return course;
}

async function show(module, { focus = true } = {}) {
  const last = stops;
  stops = [];
  await Promise.all(last.map((stop) => stop())); // a package says its last words while its frame is still there
  leave.abort();
  leave = new AbortController();
  shown = module;
  seenHere = 0;
  const step = $("#step");
  const signal = leave.signal;
  step.setAttribute("aria-busy", "true");
  const player = {
    course, module, enrollmentId: course.enrollment.id, stopped: signal, queue, done, refresh, place: () => null, jump: () => {},
    position: () => player.place(), seek: (seconds) => player.jump(seconds),
    // Without a network it counts as done here; the server hears it later.
    finish: async () => {
      player.tell({ percent: 100 });
      await queue.send();
      const now = course.modules.find((one) => one.id === module.id);
      if (now && !isDone(now)) { now.progress = { ...now.progress, percent: 100, completed_at: new Date().toISOString() }; draw(); }
    },
    tell: (values) => queue.tell({ course_id: course.course_id, module_id: module.id }, values),
    // Asks the server what it has proof of.
    progress: () => post("/progress", { course_id: course.course_id, module_id: module.id }, { stay: true }).then(({ data }) => done(data)),
    seen: (value) => { if (shown === module && value > seenHere) { seenHere = value; draw(); } },
  };
  const heading = h("h2", { id: "module-title", tabindex: -1 }, module.title);
  let view, notes;
  try {
    view = (await import(`./modules/${KINDS.includes(module.kind) ? module.kind : "text"}.js`)).view(module, course, player);
    notes = notesPanel(player);
  } catch (problem) {
    view = { node: h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), _("This step can't be shown: {reason}", { reason: problem.message })) };
  }
  if (signal.aborted) return view.stop?.();
  stops = [view.stop, notes?.stop].filter(Boolean);
  step.replaceChildren(
    h("section", { class: "card learn-card", "aria-labelledby": "module-title" }, view.wide,
      h("div", { class: "card-body" }, h("div", { class: "learn-head" }, heading, h("span", { id: "seen", class: "quiet" })), h("div", { id: "seen-bar" }), view.node)),
    navigation(), notes?.node ?? "");
  step.removeAttribute("aria-busy");
  document.title = `${module.title} · ${course.title} · Praxis`;
  draw();
  if (focus) { heading.focus({ preventScroll: true }); scrollTo(0, 0); }
}

function navigation() {
  const before = course.modules[at() - 1], next = course.modules[at() + 1];
  return h("nav", { class: "learn-foot", "aria-label": _("Steps") },
    before ? link(before, "btn", icon("chevron-left"), _("Back")) : h("span"),
    h("span", { class: "quiet learn-at" }, _("{n} of {all}", { n: at() + 1, all: course.modules.length })),
    next ? link(next, "btn btn-primary", h("span", {}, _("Next: {title}", { title: next.title })), icon("chevron-right"))
      : h("a", { class: "btn btn-primary", href: `/learn/${course.course_id}` }, _("To the course page")));
}

const link = (module, style, ...inside) => h("a", { class: style, href: address(module), onclick: (event) => go(event, module) }, inside);

function go(event, module) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  history.pushState({}, "", address(module));
  show(module);
}

const byAddress = () => course.modules.find((module) => location.pathname.endsWith(module.id));
addEventListener("popstate", () => { const module = byAddress(); if (module) show(module); });

const first = course.modules.find((module) => module.id === told.dataset.module) ?? course.modules.find((module) => !isDone(module)) ?? course.modules[0];
queue.send(); // what an earlier page kept
if (first) {
  if (!location.pathname.endsWith(first.id)) history.replaceState({}, "", address(first));
  show(first, { focus: false });
}
