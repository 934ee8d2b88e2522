// Loaded by a page whose sign-in has ended: a script of its own, because the policy allows none inside a page.
window.location.replace("/sign-in?next=" + encodeURIComponent(window.location.pathname + window.location.search));
