// What pages' scripts say, in the reader's language: the page brings the messages along (see api/core/i18n.py).
const root = document.documentElement;
const told = document.getElementById("messages");
const messages = told ? JSON.parse(told.textContent) : {};
export const locale = root.lang === "en" || !root.lang ? "en-GB" : root.lang;
export const timeZone = root.dataset.timeZone || undefined;

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

// gettext("{n} of {all} steps", {n: 2, all: 5}); the message is a literal, so that it is found by the extraction.
export const gettext = (message, values = {}) => filled([messages[message] ?? message].flat()[0] || message, values);

// ngettext("{n} step", "{n} steps", n): languages with one or two forms, as the catalogue gives them.
export function ngettext(one, many, n, values = {}) {
  const forms = [messages[one] ?? [one, many]].flat();
  return filled(forms[n === 1 ? 0 : forms.length - 1] || (n === 1 ? one : many), { n: n.toLocaleString(locale), ...values });
}

export const day = (moment) => new Date(moment).toLocaleDateString(locale, { dateStyle: "medium", timeZone });
export const clock = (moment) => new Date(moment).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", timeZone });
export const number = (value) => value.toLocaleString(locale);
export const percent = (value) => (value / 100).toLocaleString(locale, { style: "percent" });

export function duration(seconds) {
  const minutes = seconds > 0 ? Math.max(1, Math.round(seconds / 60)) : 0;
  if (minutes < 60) return gettext("{minutes} min", { minutes });
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? gettext("{hours} h {minutes} min", { hours, minutes: minutes % 60 }) : gettext("{hours} h", { hours });
}

// A place in a video: 1:02:03 or 2:03.
export function place(seconds) {
  const whole = Math.floor(seconds), two = (value) => String(value).padStart(2, "0");
  const rest = `${two(whole % 60)}`, minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
