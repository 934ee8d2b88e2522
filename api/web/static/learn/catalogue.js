// The filters' button of a phone, and where the focus goes when a piece of the page is exchanged.
const page = document.getElementById("main");
let held = "", shown = 0;

function toggle(isOpen) {
  document.querySelector(".filters-button").setAttribute("aria-expanded", String(isOpen));
}

page.addEventListener("click", (event) => {
  const button = event.target.closest(".filters-button");
  if (button) toggle(button.getAttribute("aria-expanded") === "false");
  if (event.target.closest(".filters-close")) {
    toggle(false);
    document.getElementById("count").focus();
  }
  const link = event.target.closest("#found a");
  held = link?.id || "";
  shown = link?.id === "more" ? document.querySelectorAll("#cards > li").length : 0;
});

document.addEventListener("htmx:after:swap", () => {
  const box = document.getElementById("q"), told = document.getElementById("found").dataset.search;
  if (box !== document.activeElement) box.value = told; // a link may have changed the words
  if (shown) document.querySelectorAll("#cards > li")[shown]?.querySelector("a").focus();
  else if (document.activeElement === document.body && held) (document.getElementById(held) || document.getElementById("count")).focus();
  held = "";
  shown = 0;
});

// What was there stays, and the next letter tries again.
async function tell() {
  const [{ toast }, { gettext: _ }] = await Promise.all([import("/static/lib/dom.js"), import("/static/lib/i18n.js")]);
  toast(_("The search doesn't answer. Check your connection and try again."));
}

document.addEventListener("htmx:before:swap", (event) => {
  if ((event.detail.ctx?.response?.status ?? 200) < 400) return;
  event.preventDefault();
  tell();
});
document.addEventListener("htmx:error", tell);
