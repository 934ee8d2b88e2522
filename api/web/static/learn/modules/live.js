// A live session: when, for me and there, where, a file for my calendar, and whether I was said to be there.
import { h, icon } from "/static/lib/dom.js";
import { clock, gettext as _, locale, number, timeZone } from "/static/lib/i18n.js";
import { prose } from "./prose.js";

const FULL = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const STATES = {
  present: ["good", () => _("You were there")], absent: ["bad", () => _("You were not there")], excused: ["warn", () => _("You were excused")],
};

export function view(module) {
  const { starts_at: starts, ends_at: ends, time_zone: zone, place, capacity } = module.live;
  if (!starts) return { node: h("div", {}, prose(module), h("p", { class: "alert-box warn" }, icon("calendar-event"), _("The date is not set yet."))) };
  const written = (there) => new Intl.DateTimeFormat(locale, { ...FULL, timeZone: there }).format(new Date(starts));
  const here = written(timeZone), elsewhere = written(zone);
  const isAddress = /^https?:\/\/\S+$/.test(place);
  const fact = (term, ...told) => [h("dt", {}, term), h("dd", {}, told)];
  const [tone, state] = STATES[module.attendance] ?? [];
  return { node: h("div", {}, prose(module),
    h("dl", { class: "facts" },
      fact(_("When"), h("strong", {}, here), elsewhere !== here && h("div", { class: "quiet" }, _("There ({zone}): {moment}", { zone, moment: elsewhere }))),
      ends && fact(_("Until"), clock(ends)),
      place && fact(_("Where"), isAddress ? new URL(place).host : place),
      capacity && fact(_("Places"), number(capacity)),
      fact(_("Attendance"), state ? h("span", { class: `tag ${tone}` }, state()) : _("Your trainer says who was there; that ends this step."))),
    h("p", { class: "actions" },
      isAddress && h("a", { class: "btn btn-primary", href: place, target: "_blank", rel: "noopener noreferrer" }, icon("external-link"), _("Join the session")),
      h("a", { class: "btn", href: `/live-calendar?module_id=${module.id}` }, icon("calendar-event"), _("Add to my calendar")))) };
}
