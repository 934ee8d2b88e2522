// Wall time of a zone and moments in UTC, both ways, also on the days when clocks change.

const formats = new Map();
function parts(zone, moment) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }));
  return Object.fromEntries(formats.get(zone).formatToParts(moment).map(({ type, value }) => [type, value]));
}

// "2026-12-24T09:30" there, of an ISO moment; empty for none.
export function localIn(zone, iso) {
  if (!iso) return "";
  const { year, month, day, hour, minute } = parts(zone, new Date(iso));
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

function offsetMs(zone, moment) {
  const { year, month, day, hour, minute, second } = parts(zone, moment);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
}

// The ISO moment when clocks in `zone` show `local`; null for an incomplete one.
export function momentOf(zone, local) {
  const wanted = Date.parse(`${local}:00Z`.replace(/(:\d\d):\d\d:00Z$/, "$1:00Z"));
  if (!local || Number.isNaN(wanted)) return null;
  const first = wanted - offsetMs(zone, wanted);
  return new Date(wanted - offsetMs(zone, first)).toISOString();
}

export const own = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
export const zones = (chosen) => [...new Set([chosen, own(), "UTC", ...Intl.supportedValuesOf("timeZone")].filter(Boolean))];
