// How a quiz is taken: attempts, time, pass mark, order, credit, feedback. Empty fields mean no limit.
import { field, h, options } from "/static/lib/dom.js";

const FEEDBACK = [["after_attempt", "After each attempt"], ["after_pass", "Once passed"], ["never", "Never"]];

export function settingsForm(settings, coursePass, changed) {
  const number = (name, label, hint, { min, max, factor = 1 }) => field(label, h("input", {
    type: "number", class: "form-control", min, max, step: 1, value: settings[name] == null ? "" : settings[name] / factor,
    oninput: ({ target }) => {
      if (!target.validity.valid) return;
      settings[name] = target.value === "" ? null : Math.round(Number(target.value) * factor);
      changed();
    },
  }), { hint });
  const box = (name, label, hint) => h("label", { class: "form-check" },
    h("input", { type: "checkbox", class: "form-check-input", checked: settings[name], onchange: (event) => { settings[name] = event.target.checked; changed(); } }),
    h("span", { class: "form-check-label" }, label, h("span", { class: "form-hint d-block" }, hint)));
  const feedback = h("select", { class: "form-select", onchange: (event) => { settings.show_feedback = event.target.value; changed(); } },
    options(FEEDBACK, settings.show_feedback));
  return [
    h("div", { class: "cols" },
      number("attempts", "Attempts", "Empty: as many as wanted.", { min: 1, max: 100 }),
      number("time_limit_s", "Minutes", "Time limit; empty: none.", { min: 1, max: 1440, factor: 60 }),
      number("pass_percent", "Pass mark in %", `Empty: the course's, ${coursePass} %.`, { min: 0, max: 100 }),
      field("Show what was right", feedback)),
    box("shuffle", "Shuffle", "Questions and answers come in another order for each attempt."),
    box("partial_credit", "Partial credit", "An answer that is partly right earns a share of its points."),
  ];
}
