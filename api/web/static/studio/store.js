// The draft as it is on this page: changes, undo and redo, and saving by itself. Nothing is drawn here.
import { get, put } from "/static/lib/api.js";

const WAIT_MS = 1000, SAME_MS = 1500, MOST_STEPS = 100, RETRY_MS = [2000, 4000, 8000, 15000, 30000];

export class Store extends EventTarget {
  doc = null;       // what the page shows
  saved = null;     // what the server has, as far as we know: the common ground when somebody else saved
  etag = null;
  state = { name: "saved", at: null };
  #past = []; #future = []; #mark = null; #timer = null; #sending = null; #tries = 0; #version = 0; #paused = false;

  constructor(courseId) {
    super();
    this.courseId = courseId;
    addEventListener("online", () => this.isDirty && this.#later(0));
    addEventListener("beforeunload", (event) => { if (this.isDirty) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && this.isDirty) this.#later(0); });
  }

  get isDirty() { return this.#version > 0; }
  get canUndo() { return this.#past.length > 0; }
  get canRedo() { return this.#future.length > 0; }
  get isEditable() { return ["draft", "scheduled"].includes(this.doc.state); }

  async load() {
    const { data, etag } = await get(`/course-draft?course_id=${this.courseId}`);
    this.#take(data, etag);
    this.#past = []; this.#future = [];
    this.#say("loaded");
  }

  // `run` changes the document; steps with the same `mark` shortly after one another are undone at once.
  change(what, run, mark = null) {
    if (!this.isEditable) return;
    const now = Date.now();
    const goesOn = mark && this.#mark && this.#mark.name === mark && now - this.#mark.at < SAME_MS;
    if (!goesOn) {
      this.#past.push({ what, doc: structuredClone(this.doc) });
      if (this.#past.length > MOST_STEPS) this.#past.shift();
    }
    this.#mark = mark ? { name: mark, at: now } : null;
    this.#future = [];
    run(this.doc);
    this.#touched();
    this.#say("change", { what, mark });
  }

  undo() { return this.#step(this.#past, this.#future); }
  redo() { return this.#step(this.#future, this.#past); }

  #step(from, to) {
    const step = from.pop();
    if (!step) return null;
    to.push({ what: step.what, doc: structuredClone(this.doc) });
    this.doc = { ...step.doc, ...this.#fixed(this.doc) };
    this.#mark = null;
    this.#touched();
    this.#say("replaced");
    return step.what;
  }

  // What the server alone decides is not undone.
  #fixed({ state, revision, version_id, number, updated_at, publish_at, slug }) {
    return { state, revision, version_id, number, updated_at, publish_at, slug };
  }

  // Another document in place of this one, as one step that can be undone.
  replace(what, doc) {
    this.#past.push({ what, doc: structuredClone(this.doc) });
    this.#future = [];
    this.doc = structuredClone(doc);
    this.#touched();
    this.#say("replaced");
  }

  #touched() {
    this.#version += 1;
    this.#tries = 0;
    if (this.state.name === "saved") this.#set({ name: "saving" });
    this.#later(WAIT_MS);
  }

  #later(wait) {
    clearTimeout(this.#timer);
    if (!this.#paused) this.#timer = setTimeout(() => this.save(), wait);
  }

  // Saves now, after what is on its way; resolves to whether the server has all.
  async save() {
    clearTimeout(this.#timer);
    while (this.#sending) await this.#sending;
    if (this.#paused || !this.isDirty) return !this.isDirty;
    if (!navigator.onLine) return this.#failed({ message: "there is no connection. It goes on by itself when you are online.", isOffline: true });
    this.#sending = this.#send();
    const isDone = await this.#sending;
    this.#sending = null;
    if (isDone && this.isDirty) this.#later(WAIT_MS);
    return isDone && !this.isDirty;
  }

  async #send() {
    const version = this.#version, sent = structuredClone(this.doc);
    this.#set({ name: "saving" });
    try {
      const { data, etag } = await put("/update-course", sent, { etag: this.etag, stay: true });
      this.saved = data; this.etag = etag; this.#tries = 0;
      Object.assign(this.doc, this.#fixed(data));
      this.#version -= version;
      this.#set(this.isDirty ? { name: "saving" } : { name: "saved", at: new Date() });
      return true;
    } catch (error) {
      return error.status === 412 ? this.#conflict() : this.#failed(error);
    }
  }

  // Whatever time or a connection mends is tried again; what is wrong with the document waits for the next change.
  #failed(error) {
    const passes = error.isOffline || error.status === 0 || error.status === 401 || error.status === 429 || error.status >= 500;
    this.#set({ name: "failed", error, passes });
    if (passes) this.#later(RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)]);
    return false;
  }

  async #conflict() {
    this.#paused = true;
    this.#set({ name: "conflict" });
    try {
      const { data, etag } = await get(`/course-draft?course_id=${this.courseId}`, { stay: true });
      this.#say("conflict", { base: this.saved, mine: this.doc, theirs: data, etag });
    } catch (error) {
      this.#paused = false;
      this.#failed(error);
    }
    return false;
  }

  // The end of a conflict: `doc` goes on from their state. Mine stays reachable by undo.
  settle(what, doc, theirs, etag) {
    this.#past.push({ what, doc: structuredClone(this.doc) });
    this.#future = [];
    this.doc = { ...structuredClone(doc), ...this.#fixed(theirs) };
    this.saved = theirs; this.etag = etag; this.#paused = false;
    this.#version = 0;
    this.#set({ name: "saved", at: new Date() });
    if (doc !== theirs) this.#touched();
    this.#say("replaced");
  }

  #take(data, etag) {
    this.doc = structuredClone(data); this.saved = data; this.etag = etag; this.#version = 0;
    this.#set({ name: "saved", at: data.updated_at ? new Date(data.updated_at) : null });
  }

  #set(state) { this.state = state; this.#say("state"); }
  #say(name, detail = {}) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}
