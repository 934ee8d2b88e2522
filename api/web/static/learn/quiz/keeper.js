// Sends each answer as it is given. What can't be sent stays on this device and goes out once there is a connection, in
// whatever window the quiz is opened then; the server keeps the highest revision of each question.
import { call } from "/static/lib/api.js";
import { debounce } from "/static/lib/dom.js";

const PAUSES_MS = [2000, 5000, 10000, 20000];
const TYPING_MS = 500;
const nameOf = (attempt) => `praxis-quiz ${attempt}`;

function stored(attempt) {
  try { return JSON.parse(localStorage.getItem(nameOf(attempt))) ?? {}; } catch { return {}; }
}

export class Keeper {
  // `told` gets "saving", "saved", "offline" or "ended"; `answered` what the server says of the time.
  constructor(ids, attempt, { told, answered }) {
    Object.assign(this, { ids, attempt, told, answered, waiting: stored(attempt), failures: 0, running: null, isOver: false });
    this.last = Math.max(0, ...Object.values(this.waiting).map((one) => one.revision));
    this.soon = debounce(() => this.flush(), TYPING_MS);
    this.back = () => { if (Object.keys(this.waiting).length) this.flush(); };
    this.leaving = () => this.sendLast();
    addEventListener("online", this.back);
    addEventListener("pagehide", this.leaving);
  }

  // Those of the server, with what this device still holds of later ones.
  merged(answers) {
    const known = Object.fromEntries(answers.map((one) => [one.question_id, one]));
    for (const [id, { revision, answer }] of Object.entries(this.waiting)) {
      if (revision > (known[id]?.revision ?? 0)) known[id] = { ...answer, revision };
      else delete this.waiting[id];
    }
    this.last = Math.max(this.last, ...Object.values(known).map((one) => one.revision));
    for (const one of Object.values(known)) delete one.revision;
    if (Object.keys(this.waiting).length) this.flush();
    return known;
  }

  keep(answer) {
    if (this.isOver) return;
    this.last = Math.max(Date.now(), this.last + 1); // two tabs count on by the clock that they share
    this.waiting[answer.question_id] = { revision: this.last, answer: structuredClone(answer) };
    this.store();
    this.told("saving");
    this.soon();
  }

  store() {
    try {
      if (Object.keys(this.waiting).length) localStorage.setItem(nameOf(this.attempt), JSON.stringify(this.waiting));
      else localStorage.removeItem(nameOf(this.attempt));
    } catch { /* a browser that keeps nothing: then only what is sent is kept */ }
  }

  // Gives whether everything is there; tries again later by itself where it is not.
  flush() {
    this.soon.cancel();
    clearTimeout(this.later);
    this.running ??= this.send().finally(() => { this.running = null; });
    return this.running;
  }

  async send() {
    while (Object.keys(this.waiting).length && !this.isOver) {
      const [id, { revision, answer }] = Object.entries(this.waiting)[0];
      try {
        const { data } = await call("PUT", "/quiz-answers", { body: { ...this.ids, attempt_id: this.attempt, revision, ...answer }, stay: true });
        this.failures = 0;
        this.answered(data);
      } catch (problem) {
        if (problem.status === 0 || problem.status === 401 || problem.status === 429 || problem.status >= 500) return this.wait(problem);
        if (problem.status !== 422) return this.end(problem);
      }
      if (this.waiting[id]?.revision === revision) delete this.waiting[id];
      this.store();
    }
    if (!this.isOver) this.told("saved");
    return !this.isOver;
  }

  wait(problem) {
    this.told("offline", problem);
    this.later = setTimeout(() => this.flush(), PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)]);
    this.failures += 1;
    return false;
  }

  end(problem) {
    this.forget();
    this.told("ended", problem);
    return false;
  }

  sendLast() {
    for (const { revision, answer } of Object.values(this.waiting)) {
      const body = JSON.stringify({ ...this.ids, attempt_id: this.attempt, revision, ...answer });
      fetch("/quiz-answers", { method: "PUT", body, keepalive: true, headers: { "Content-Type": "application/json" } }).catch(() => {});
    }
  }

  forget() {
    this.isOver = true;
    this.waiting = {};
    this.store();
  }

  stop() {
    this.sendLast();
    this.isOver = true;
    clearTimeout(this.later);
    this.soon.cancel();
    removeEventListener("online", this.back);
    removeEventListener("pagehide", this.leaving);
  }
}

// What this device still holds of an attempt whose page is gone.
export async function sendStored(ids, attempt) {
  const keeper = new Keeper(ids, attempt, { told: () => {}, answered: () => {} });
  await keeper.flush();
  keeper.forget();
  keeper.stop();
}
