// Sends what a package wants kept, the newest only, one request at a time; tries again until it is there.

import { uuid } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";

const PAUSES_MS = [1000, 3000, 8000, 20000];
const KEEPALIVE_BYTES = 60000;

// What this window sent last, also from a page that is gone: its last request may still be on its way.
export function lastSent(module, item) {
  return Number(sessionStorage.getItem(`praxis-package ${module} ${item}`) ?? 0);
}

export class Saver {
  constructor({ course, module, item, onSaved, onProblem }) {
    Object.assign(this, { course, module, item, onSaved, onProblem });
    this.tab = uuid(); // not crypto.randomUUID: http has none
    this.base = item.revision;
    this.revision = item.revision;
    this.wanted = null;
    this.isStopped = false;
    this.failures = 0;
    this.running = null;
  }

  // The newest state; returns at once.
  keep(state) {
    this.wanted = { ...state, isOver: state.isOver || this.wanted?.isOver }; // the end of a visit is said once
    if (!this.running && !this.isStopped) this.running = this.#run().finally(() => { this.running = null; });
  }

  // Until what was given so far is there, or can't be.
  async settled(mostMs) {
    const late = new Promise((resolve) => { setTimeout(resolve, mostMs); });
    await Promise.race([Promise.resolve(this.running), late]);
  }

  // The page is going: one last request that outlives it.
  last() {
    if (this.wanted && !this.isStopped) this.#send(this.wanted).catch(() => {});
  }

  async #run() {
    while (this.wanted && !this.isStopped) {
      const state = this.wanted;
      try {
        const answer = await this.#send(state);
        if (answer.ok) {
          this.failures = 0;
          if (this.wanted === state) this.wanted = null;
          this.onSaved(await answer.json());
          continue;
        }
        const problem = await answer.json().catch(() => ({}));
        const passes = answer.status === 429 || answer.status >= 500 || answer.status === 401;
        this.isStopped = !passes;
        this.onProblem(problem.detail ?? _("This can't be saved now."), passes, answer.status);
        if (!passes) return;
      } catch {
        this.onProblem(_("There is no connection. What you do is saved once it is back."), true, 0);
      }
      const pause = PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)];
      this.failures += 1;
      await new Promise((resolve) => { setTimeout(resolve, pause); });
    }
  }

  #send(state) {
    this.revision += 1;
    sessionStorage.setItem(`praxis-package ${this.module} ${this.item.id}`, String(this.revision));
    const body = JSON.stringify({
      course_id: this.course,
      module_id: this.module,
      item: this.item.id,
      tab: this.tab,
      base_revision: this.base,
      revision: this.revision,
      cmi: state.cmi,
      is_finished: state.isFinished,
      is_over: state.isOver ?? false,
    });
    return fetch("/package-state", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body,
      keepalive: body.length < KEEPALIVE_BYTES,
    });
  }
}
