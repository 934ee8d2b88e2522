// The number at the bell: asked for when a page opens, when one comes back to it, and each minute while one looks.
import { get } from "/static/lib/api.js";
import { gettext as _, ngettext, number } from "/static/lib/i18n.js";

const place = document.getElementById("unread");
const bell = place?.closest("a");
const EVERY_MS = 60_000, FEW_MS = 5_000;
let timer, asked = 0;

function show(unread) {
  place.hidden = unread === 0;
  place.textContent = unread > 99 ? "99+" : number(unread);
  const name = _("Notifications");
  bell.setAttribute("aria-label", unread ? `${name}: ${ngettext("{n} new", "{n} new", unread)}` : name);
}

async function ask() {
  clearTimeout(timer);
  if (document.hidden) return;
  if (Date.now() - asked > FEW_MS) {
    asked = Date.now();
    try {
      show((await get("/me/notifications?unread=true&limit=1", { stay: true })).data.unread);
    } catch { /* the number stays; the next minute asks again */ }
  }
  timer = setTimeout(ask, EVERY_MS);
}

if (place) {
  document.addEventListener("visibilitychange", ask);
  addEventListener("online", ask);
  ask();
}
