// A live session: when, in the reader's zone and in the session's own, where, and a file for the calendar.
import { h, icon, plural } from "/static/lib/dom.js";

const FULL = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };

export function liveSession(module) {
  const { starts_at: starts, ends_at: ends, time_zone: zone = "UTC", place = "", capacity } = module.settings;
  if (!starts) return h("p", { class: "alert-box warn" }, icon("calendar-event"), "The date is not set yet.");
  const written = (timeZone) => new Intl.DateTimeFormat("en-GB", { ...FULL, timeZone }).format(new Date(starts));
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isElsewhere = written(here) !== written(zone);
  const fact = (term, ...text) => [h("dt", {}, term), h("dd", {}, text)];
  return h("div", {},
    h("dl", { class: "facts" },
      fact("When", h("strong", {}, written(here)), isElsewhere && h("span", { class: "quiet d-block" }, `There (${zone}): ${written(zone)}`)),
      ends && fact("How long", plural(Math.round((new Date(ends) - new Date(starts)) / 60000), "minute")),
      place && fact("Where", isAddress(place) ? h("a", { href: place, target: "_blank", rel: "noopener noreferrer" }, place) : place),
      capacity && fact("Places", capacity.toLocaleString("en-GB"))),
    h("a", { class: "btn", href: URL.createObjectURL(calendarFile(module)), download: "session.ics" }, icon("calendar-event"), "Add to my calendar"));
}

const isAddress = (text) => /^https?:\/\/\S+$/.test(text);
const stamp = (moment) => new Date(moment).toISOString().replace(/[-:]|\.\d+/g, "");
const escaped = (text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");

// Lines of a calendar file hold 75 bytes (RFC 5545); longer ones go on in the next with a space before.
function folded(line) {
  const lines = [""];
  let size = 0;
  for (const sign of line) {
    const bytes = new TextEncoder().encode(sign).length;
    if (size + bytes > 74) { lines.push(" "); size = 1; }
    lines[lines.length - 1] += sign;
    size += bytes;
  }
  return lines.join("\r\n");
}

export function calendarFile({ id, title, settings }) {
  const ends = settings.ends_at ?? settings.starts_at;
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Praxis//Studio//EN", "BEGIN:VEVENT", `UID:${id}@praxis`, `DTSTAMP:${stamp(Date.now())}`,
    `DTSTART:${stamp(settings.starts_at)}`, `DTEND:${stamp(ends)}`, `SUMMARY:${escaped(title)}`, `LOCATION:${escaped(settings.place ?? "")}`, "END:VEVENT", "END:VCALENDAR"];
  return new Blob([lines.map(folded).join("\r\n"), "\r\n"], { type: "text/calendar" });
}
