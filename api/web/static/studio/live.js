// A live session: when, by whose clock, where, how many; and who was there.
import { get, put } from "/static/lib/api.js";
import { announce, field, h, newId, options, plural, setError, toastError } from "/static/lib/dom.js";
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

const STATUS = [["", "Not said yet"], ["present", "Was there"], ["excused", "Excused"], ["absent", "Was absent"]];

// Who is enrolled and whether they came; only a published session has somebody.
export function attendance(store, module) {
  const id = newId("attendance"), body = h("div", { class: "card-body" }, h("p", { class: "quiet" }, "Loading…"));
  const mark = async (people, control) => {
    try {
      await put("/live-attendance", { module_id: module.id, people });
      announce("Noted.");
      return true;
    } catch (error) { toastError(error); control?.focus(); return false; }
  };
  const row = (person) => {
    const status = h("select", { class: "form-select always", "aria-label": `${person.name} was there?` }, options(STATUS.filter(([value]) => value || !person.status), person.status ?? ""));
    status.addEventListener("change", async () => {
      if (!status.value) return;
      if (await mark([{ person_id: person.person_id, status: status.value }], status)) person.status = status.value;
      else status.value = person.status ?? "";
    });
    return h("li", { class: "attendee" }, h("span", { class: "grow" }, person.name, person.is_done ? h("span", { class: "badge tone-ok" }, "Done") : null), status);
  };
  const load = async () => {
    const { data } = await get(`/live-attendance?module_id=${module.id}`);
    const unsaid = data.people.filter((one) => !one.status);
    const all = h("button", { type: "button", class: "btn btn-sm always", onclick: async () => { if (await mark(unsaid.slice(0, 500).map((one) => ({ person_id: one.person_id, status: "present" })), all)) load(); } }, "Everybody else was there");
    body.replaceChildren(...(data.people.length
      ? [h("p", { class: "quiet" }, `${plural(data.enrolled, "person", "people")} enrolled${data.enrolled > data.people.length ? `; the first ${data.people.length} by name are shown` : ""}. Who was there has done this module.`), h("ul", { class: "attendees" }, data.people.map(row)), unsaid.length ? all : ""]
      : [h("p", { class: "quiet" }, "Nobody is enrolled in this version yet. Once it is published and people enrol, you say here who was there.")]));
  };
  load().catch((error) => body.replaceChildren(h("p", { class: "quiet" }, error.status === 404 ? "The list begins once this module is saved." : error.message)));
  return h("section", { class: "card", "aria-labelledby": id }, h("div", { class: "card-header" }, h("h2", { id }, "Who was there")), body);
}
