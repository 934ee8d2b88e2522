// Under each step: my notes, and what those who learn here say to each other. N begins a note where the video is.
import { $, h, icon, newId } from "/static/lib/dom.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { bookmarks } from "./notes/bookmarks.js";
import { commentsTab } from "./notes/comments.js";
import { notesTab } from "./notes/list.js";

const CHOSEN = "praxis-notes-tab";

export function notesPanel(player) {
  const notes = notesTab(player), comments = commentsTab(player);
  const tabs = [[_("My notes"), "notes", notes], [_("Comments"), "message", comments]].map(([label, symbol, inside]) => {
    const ids = [newId("tab"), newId("panel")];
    const panel = h("div", { role: "tabpanel", id: ids[1], "aria-labelledby": ids[0], class: "card-body", hidden: true }, inside.node);
    const tab = h("button", { type: "button", role: "tab", id: ids[0], "aria-controls": ids[1], class: "notes-tab", onclick: () => choose(index()) },
      icon(symbol), label, inside.count);
    const index = () => tabs.findIndex((one) => one.tab === tab);
    return { tab, panel, inside };
  });

  function choose(chosen, { focus = false } = {}) {
    tabs.forEach(({ tab, panel, inside }, n) => {
      tab.setAttribute("aria-selected", String(n === chosen));
      tab.tabIndex = n === chosen ? 0 : -1;
      panel.hidden = n !== chosen;
      if (n === chosen) inside.open();
    });
    if (focus) tabs[chosen].tab.focus();
    try { sessionStorage.setItem(CHOSEN, chosen); } catch { /* it is then the first */ }
  }

  function keys(event) {
    const at = tabs.findIndex((one) => one.tab === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    choose((to + tabs.length) % tabs.length, { focus: true });
  }

  // Not while somebody writes, and not with another key that means something to the browser.
  function shortcut(event) {
    if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog, [role='textbox']")) return;
    event.preventDefault();
    choose(0);
    notes.begin();
  }
  addEventListener("keydown", shortcut);
  player.stopped?.addEventListener("abort", stop);

  const node = h("section", { class: "card notes", "aria-label": _("Notes and comments") },
    h("div", { class: "notes-head" }, h("div", { role: "tablist", class: "notes-tabs", "aria-label": _("Notes and comments"), onkeydown: keys }, tabs.map((one) => one.tab)),
      bookmarks(player)),
    tabs.map((one) => one.panel));
  let first = 0;
  try { first = Number(sessionStorage.getItem(CHOSEN)) || 0; } catch { /* the first */ }
  choose(first < tabs.length ? first : 0);
  arrive(player);

  function stop() {
    removeEventListener("keydown", shortcut);
    notes.stop();
    comments.stop();
  }
  return { node, stop };
}

// A link of "My notes" names the place: ?t=123.
function arrive(player) {
  const asked = new URLSearchParams(location.search).get("t");
  const seconds = asked === null ? NaN : Number(asked);
  if (!Number.isFinite(seconds) || seconds < 0) return;
  let tries = 0;
  const timer = setInterval(() => {
    if (player.stopped?.aborted || ++tries > 60) clearInterval(timer);
    else if (player.position() !== null && $("video")?.readyState > 0) {
      clearInterval(timer);
      player.seek(seconds);
    }
  }, 250);
}
