// The time that is left, by the server's clock: shown each second, told to screen readers at five minutes and one only.
import { h, icon } from "/static/lib/dom.js";
import { gettext as _, place } from "/static/lib/i18n.js";

const WARNINGS = [[60, () => _("One minute is left.")], [300, () => _("Five minutes are left.")]];

export function clock(remaining, ended) {
  const shown = h("span", { class: "quiz-time", role: "timer", "aria-live": "off" });
  const spoken = h("span", { class: "visually-hidden", role: "status" });
  const node = h("span", { class: "quiz-clock" }, icon("clock"), shown, spoken);
  let end = 0, before = Infinity, timer;
  const left = () => Math.max(0, Math.ceil((end - Date.now()) / 1000));

  function tick() {
    const seconds = left();
    shown.textContent = _("{time} left", { time: place(seconds) });
    const warning = WARNINGS.find(([at]) => seconds <= at && before > at);
    if (warning && before !== Infinity) spoken.textContent = warning[1]();
    node.classList.toggle("is-short", seconds <= 300);
    before = seconds;
    if (seconds > 0) return;
    clearInterval(timer);
    ended();
  }

  // Again, by what the server says now: extra time, a computer that slept.
  function sync(seconds) {
    if (seconds === null) return;
    if (seconds > before + 5) spoken.textContent = _("You have more time now.");
    end = Date.now() + seconds * 1000;
    clearInterval(timer);
    timer = setInterval(tick, 1000);
    before = Math.max(before, seconds);
    tick();
  }
  sync(remaining);
  return { node, sync, stop: () => clearInterval(timer) };
}
