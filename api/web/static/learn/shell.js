// On every learner's page: the menu closes as menus do, and the first page tells the browser's time zone.
import { put } from "/static/lib/api.js";
import "/static/learn/bell.js";

const menu = document.querySelector(".menu");
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
addEventListener("click", (event) => { if (menu?.open && !menu.contains(event.target)) menu.open = false; });

if ("askTimeZone" in document.documentElement.dataset) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (here) put("/me/settings", { time_zone: here }, { stay: true }).catch(() => {}); // the next page asks again
}
