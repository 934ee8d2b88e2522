// A live session: when, by whose clock, where, how many; and who was there.
import { field, h, options, setError } from "/static/studio/dom.js";
import { numberField } from "/static/studio/details.js";
import { localIn, momentOf, own, zones } from "/static/studio/zones.js";

export function liveFields({ module, change }) {
  let told = { time_zone: own(), ...module.settings };
  const set = (what, values) => {
    told = { ...told, ...values };
    change(what, (one) => { one.settings = { ...one.settings, ...told }; }, what);
  };
  const starts = h("input", { class: "form-control", type: "datetime-local", value: localIn(told.time_zone, told.starts_at) });
  const ends = h("input", { class: "form-control", type: "datetime-local", value: localIn(told.time_zone, told.ends_at) });
  const zone = h("select", { class: "form-select" }, options(zones(told.time_zone).map((name) => [name, name.replaceAll("_", " ")]), told.time_zone));
  const place = h("input", { class: "form-control", value: told.place ?? "", maxlength: 500, autocomplete: "off", oninput: () => set("the place", { place: place.value }) });
  const also = h("p", { class: "quiet", "aria-live": "polite" });
  const when = () => {
    const [from, to] = [momentOf(zone.value, starts.value), momentOf(zone.value, ends.value)];
    const isWrong = from && to && to <= from;
    setError(ends, isWrong ? "The end is not after the start." : "");
    if (!isWrong) set("the time", { starts_at: from, ends_at: to, time_zone: zone.value });
    say();
  };
  const say = () => {
    const from = momentOf(zone.value, starts.value);
    also.textContent = from && zone.value !== own() ? `For you (${own().replaceAll("_", " ")}): ${localIn(own(), from).replace("T", ", ")}` : "";
  };
  for (const control of [starts, ends, zone]) control.addEventListener("change", when);
  say();
  return [h("div", { class: "cols" }, field("Starts", starts), field("Ends", ends, { optional: true }), field("Time zone", zone)), also,
    h("div", { class: "cols" }, field("Place", place, { hint: "A room, or the address of a call." }),
      numberField("Places", told.capacity, (value) => set("the places", { capacity: value }), { min: 1, max: 100000, unit: "", optional: true, hint: "Empty: as many as come." }))];
}

export function attendance() { return null; }
