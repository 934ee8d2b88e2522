// The filters' button of a phone, and where the focus goes when a piece of the page is exchanged.
const page = document.getElementById("main");
let held = "", shown = 0;

page.addEventListener("click", (event) => {
  const button = event.target.closest(".filters-button");
  if (button) button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") === "false"));
  const link = event.target.closest("#found a");
  held = link?.id || "";
  shown = link?.id === "more" ? document.querySelectorAll("#cards > li").length : 0;
});

document.addEventListener("htmx:after:swap", () => {
  if (shown) document.querySelectorAll("#cards > li")[shown]?.querySelector("a").focus();
  else if (held && document.activeElement === document.body) (document.getElementById(held) || page).focus();
  held = "";
  shown = 0;
});
