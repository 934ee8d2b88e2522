// What the playhead really went through, as spans {from, to, rate}: no seconds are counted, and a jump is none of it.
const SHORTEST_S = 0.05;

export class Watch {
  constructor(video, onSpan) {
    Object.assign(this, { video, onSpan, open: null });
    const close = () => this.close();
    this.listeners = [
      ["timeupdate", () => this.tick()],
      ["playing", () => { this.close(); if (!video.seeking) this.begin(); }],
      ...["pause", "seeking", "waiting", "ratechange", "ended", "emptied"].map((name) => [name, close]),
    ];
    for (const [name, listener] of this.listeners) video.addEventListener(name, listener);
  }

  begin() {
    const at = this.video.currentTime;
    this.open = { from: at, to: at, rate: this.video.playbackRate, heard: performance.now() };
  }

  tick() {
    const { video } = this, at = video.currentTime;
    if (video.paused || video.seeking) return;
    if (!this.open) return this.begin();
    // Between two ticks no more passes than the clock says, at this rate; more is a jump that told nothing of itself.
    const most = ((performance.now() - this.open.heard) / 1000) * video.playbackRate + 0.5;
    const passed = at - this.open.to;
    if (passed < 0 || passed > most) { this.close(); this.begin(); return; }
    Object.assign(this.open, { to: at, heard: performance.now() });
  }

  // The last tick is up to 250 ms ago: what was played since belongs to it, unless the playhead is elsewhere already.
  close() {
    const { open, video } = this;
    this.open = null;
    if (!open) return;
    const since = video.currentTime - open.to;
    if (!video.seeking && since > 0 && since < 0.5 * Math.max(1, open.rate)) open.to = video.currentTime;
    if (open.to - open.from > SHORTEST_S) this.onSpan(open);
  }

  // Gives what was played up to now, and goes on.
  cut() {
    this.tick();
    const isOpen = Boolean(this.open);
    this.close();
    if (isOpen && !this.video.paused && !this.video.seeking) this.begin();
  }

  stop() {
    this.close();
    for (const [name, listener] of this.listeners) this.video.removeEventListener(name, listener);
  }
}

// The union, in order; pieces less than `gap` apart are one: ticks are not exact.
export function merged(spans, gap = 0.05) {
  const out = [];
  for (const [a, b] of [...spans].sort((x, y) => x[0] - y[0])) {
    const last = out.at(-1);
    if (last && a <= last[1] + gap) last[1] = Math.max(last[1], b); else out.push([a, b]);
  }
  return out;
}

export const covered = (spans, end) => merged(spans, 0).reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, end) - Math.min(a, end)), 0);
