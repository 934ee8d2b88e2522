// A course's seats, approval and the life of its certificates.
import { get, put, query } from "/static/lib/api.js";
import { $, announce, field, h, icon, plural, setError, toast } from "/static/lib/dom.js";

const place = $("#enrolment"), courseId = $("#main").dataset.courseId;

const number = (value, max) => h("input", { class: "form-control", type: "number", min: 1, max, value: value ?? "", inputmode: "numeric" });

// The whole number in it, null where it is empty; undefined where it is neither, which is said at the field.
function read(control, max) {
  const isWrong = control.validity.badInput || (control.value !== "" && !(Number.isInteger(Number(control.value)) && Number(control.value) >= 1 && Number(control.value) <= max));
  setError(control, isWrong ? `Give a whole number from 1 to ${max.toLocaleString("en-GB")}, or leave it empty.` : "");
  return isWrong ? undefined : control.value === "" ? null : Number(control.value);
}

function facts(told) {
  const seats = told.capacity ? `${told.seats_taken.toLocaleString("en-GB")} of ${plural(told.capacity, "seat")} taken` : `${plural(told.seats_taken, "person", "people")} learning now`;
  const parts = [["users", seats], told.waiting_count ? ["hourglass", `${plural(told.waiting_count, "person", "people")} on the waiting list`] : null, told.pending_count ? ["hourglass", `${plural(told.pending_count, "request")} with a manager`] : null];
  return h("p", { class: "facts", id: "facts", role: "status" }, parts.filter(Boolean).map(([name, text]) => h("span", { class: name === "users" ? "badge" : "badge tone-warn" }, icon(name), text)));
}

function draw(told) {
  const seats = number(told.capacity, 100000), months = number(told.certificate_valid_months, 600);
  const approval = h("input", { class: "form-check-input", type: "checkbox", checked: told.needs_approval });
  const save = h("button", { type: "submit", class: "btn btn-primary" }, "Save");
  const wrong = h("div", { class: "alert-box bad", role: "alert", hidden: true });
  const form = h("form", { novalidate: true },
    field("Seats", seats, { optional: true, hint: "How many may learn at once; who comes later waits, in order. A seat is free again when somebody finishes or gives the course back. Fewer seats take none away. Empty: no limit." }),
    h("div", { class: "field" }, h("label", { class: "choice" }, approval, h("span", {}, h("span", { class: "choice-name" }, "The manager says yes first"), h("span", { class: "quiet" }, "Whoever leads the learner decides, or who acts for them. Without it, all who wait for a yes go on at once.")))),
    field("Certificate is good for (months)", months, { optional: true, hint: "After that it has expired, and the course can be taken again. Empty: for ever." }),
    h("p", { class: "alert-box" }, icon("info-circle"), h("span", {}, "People for whom the course is mandatory pass both: what must be done has to be possible.")),
    wrong, save);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const capacity = read(seats, 100000), valid = read(months, 600);
    const first = capacity === undefined ? seats : valid === undefined ? months : null;
    if (first) { first.focus(); return; }
    save.disabled = true; wrong.hidden = true;
    try {
      const { data } = await put("/course-settings", { course_id: courseId, capacity, needs_approval: approval.checked, certificate_valid_months: valid }, { stay: true });
      const moved = told.waiting_count + told.pending_count - data.waiting_count - data.pending_count;
      told = data;
      $("#facts").replaceWith(facts(told));
      toast(moved > 0 ? `Saved. ${plural(moved, "person has", "people have")} got a seat.` : "Saved.");
      announce("Saved.");
    } catch (error) { wrong.hidden = false; wrong.replaceChildren(icon("alert-triangle"), h("span", {}, error.message)); }
    save.disabled = false; save.focus();
  });
  place.replaceChildren(facts(told), h("section", { class: "card", "aria-label": "Enrolment" }, h("div", { class: "card-body" }, form)));
  place.setAttribute("aria-busy", "false");
}

get(query("/course-draft", { course_id: courseId })).then(({ data }) => { $("#course-title").textContent = data.title; }).catch(() => {});
get(query("/course-settings", { course_id: courseId })).then(({ data }) => draw(data))
  .catch((error) => place.replaceChildren(h("div", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), error.message), h("button", { type: "button", class: "btn", onclick: () => location.reload() }, "Try again")));
