// Leads an open page to the sign-in once its own has ended, here or elsewhere, and loads it anew where another person
// signed in, or the same one may do other things. A file of its own: the policy allows no script inside a page.
(() => {
  const EVERY_MS = 3000;
  let whose;

  async function ask() {
    if (document.hidden) return;
    const answer = await fetch("/door/session", { cache: "no-store" }).catch(() => null);
    if (answer?.status === 401) {
      const here = window.location.pathname + window.location.search;
      window.location.replace("/sign-in?next=" + encodeURIComponent(here));
    } else if (answer?.ok) {
      const told = await answer.text();
      if (whose !== undefined && whose !== told) window.location.reload();
      whose = told;
    }
  }

  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("pageshow", ask);
  ask();
})();
