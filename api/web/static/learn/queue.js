// What was played and read, kept in the browser until the server has it: through a reload, a lost network, a session
// that ended. One key an event, so that two tabs never write over each other; sent twice is harmless.
import { call } from "/static/lib/api.js";
import { uuid } from "/static/lib/dom.js";

const MOST = 100;
const EVERY_MS = 10_000;
const rounded = (value) => Math.round(value * 1000) / 1000;

export class Queue {
  // `onState` hears "sent", "offline" or "signed-out"; `onProgress` what the server says of a step.
  constructor(person, { onState = () => {}, onProgress = () => {} } = {}) {
    Object.assign(this, { prefix: `praxis-played:${person}:`, told: `praxis-told:${person}:`, onState, onProgress, busy: null, memory: new Map() });
    this.timer = setInterval(() => this.send(), EVERY_MS);
    addEventListener("online", () => this.send());
  }

  add(event) {
    const whole = { id: uuid(), occurred_at: new Date().toISOString(), ...event };
    for (const name of ["from_s", "to_s", "dwell_s"]) if (name in whole) whole[name] = rounded(whole[name]);
    this.keep(this.prefix + whole.id, whole);
  }

  // How far I am in a step: `position_s`, or `percent` of one that its reader ends. The newest is kept.
  tell(ids, values) {
    const key = this.told + ids.module_id;
    const [[, before] = []] = this.waiting(key);
    this.keep(key, { ...before, ...ids, ...values, occurred_at: new Date().toISOString() });
  }

  keep(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { this.memory.set(key, value); } // no room, or not allowed
  }

  // Pairs of key and value, oldest first.
  waiting(prefix = this.prefix) {
    const kept = [...this.memory];
    try {
      for (let at = 0; at < localStorage.length; at += 1) {
        const key = localStorage.key(at);
        if (key.startsWith(prefix)) kept.push([key, JSON.parse(localStorage.getItem(key))]);
      }
    } catch { /* not allowed here: what is in memory is all */ }
    return kept.filter(([key]) => key.startsWith(prefix)).sort(([, a], [, b]) => a.occurred_at.localeCompare(b.occurred_at));
  }

  forget(key) {
    this.memory.delete(key);
    try { localStorage.removeItem(key); } catch { /* was in memory */ }
  }

  // One at a time: it goes on until nothing waits, so it takes along what came meanwhile.
  send() {
    this.busy ??= this.sendAll().finally(() => { this.busy = null; });
    return this.busy;
  }

  async sendAll() {
    try {
      for (let kept = this.waiting(); kept.length; kept = this.waiting()) {
        const part = kept.slice(0, MOST);
        await this.post(part);
      }
      for (const [key, body] of this.waiting(this.told)) await this.postTold(key, body);
    } catch (problem) {
      this.onState(problem.status === 401 ? "signed-out" : "offline");
      return;
    }
    this.onState("sent");
  }

  // After the events, because the percent follows from them.
  async postTold(key, body) {
    try {
      const { data } = await call("POST", "/progress", { body, stay: true, keepalive: true });
      const [[, newest] = []] = this.waiting(key);
      if (newest?.occurred_at === body.occurred_at) this.forget(key);
      this.onProgress(data);
    } catch (problem) {
      if (![404, 409, 422].includes(problem.status)) throw problem;
      this.forget(key); // the course was left, or has no such step any more
    }
  }

  // What the server will never take must not hold up the rest: it is found by halves, and forgotten.
  async post(kept) {
    try {
      await call("POST", "/engagement", { body: { events: kept.map(([, event]) => event) }, stay: true, keepalive: true });
      for (const [key] of kept) this.forget(key);
    } catch (problem) {
      if (problem.status !== 422) throw problem;
      if (kept.length === 1) return this.forget(kept[0][0]);
      const half = Math.ceil(kept.length / 2);
      await this.post(kept.slice(0, half));
      await this.post(kept.slice(half));
    }
  }

  stop() { clearInterval(this.timer); }
}
