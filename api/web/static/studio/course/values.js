// The values of a course's fields in words, so that two of them can be compared as texts.
import { duration, moment, plural } from "/static/lib/dom.js";

export const NAMES = {
  title: "Title", summary: "Summary", description: "Description", category: "Category", difficulty: "Difficulty", language: "Language", skills: "Skills", cover: "Cover",
  prerequisites: "Prerequisites", pass_percent: "Pass mark", completion: "Completion", kind: "Kind", media_id: "File", url: "Address", body: "Text", weight: "Weight",
  duration_s: "Duration", settings: "Settings", prompt: "Question", points: "Points", feedback: "Feedback", image: "Picture", spec: "Right answer", choices: "Answers",
};
const SETTINGS = {
  attempts: "attempts", time_limit_s: "time limit", shuffle: "shuffled", partial_credit: "partial credit", show_feedback: "feedback", pass_percent: "pass mark",
  draws: "drawn from banks", starts_at: "begins", ends_at: "ends", time_zone: "time zone", place: "place", capacity: "places",
};
const RULES = { all: "every module", weighted: "a share of the weights", minimum_score: "a minimum score" };

const WRITERS = {
  skills: (value) => value.join(", "),
  prerequisites: (value) => plural(value.length, "course"),
  pass_percent: (value) => `${value} %`,
  duration_s: (value) => duration(value),
  media_id: (value) => `file ${value.slice(-6)}`,
  cover: (value) => `picture ${value.media_id.slice(-6)}: ${value.alt}`,
  image: (value) => `picture ${value.media_id.slice(-6)}: ${value.alt}`,
  completion: (value) => [RULES[value.rule], value.minimum_percent && `at least ${value.minimum_percent} %`, value.minimum_watch_percent && `${value.minimum_watch_percent} % of each video watched`].filter(Boolean).join(", "),
  settings: (value) => lines(Object.entries(value).map(([name, one]) => `${SETTINGS[name] ?? name}: ${setting(name, one)}`)),
  choices: (value) => lines(value.map((one) => `${one.is_correct ? "✓ " : ""}${one.label}${one.match ? ` – ${one.match}` : ""}${one.feedback ? ` (feedback: ${one.feedback})` : ""}`)),
  spec: (value) => lines([
    value.value !== undefined && `${value.value}${value.tolerance ? ` ± ${value.tolerance}` : ""}`,
    value.accepted && value.accepted.join(" or "), value.case_sensitive && "capital letters matter",
    ...(value.gaps ?? []).map((gap, at) => `gap ${at + 1}: ${gap.accepted.join(" or ")}`)]),
};

const lines = (texts) => texts.filter(Boolean).join("\n");

function setting(name, value) {
  if (value === null || value === undefined || value === "") return "none";
  if (name === "draws") return value.map((draw) => `${draw.count}${draw.tags.length ? ` of ${draw.tags.join(" and ")}` : ""}`).join(", ") || "nothing";
  if (name === "time_limit_s") return duration(value);
  if (name.endsWith("_at")) return moment(value);
  if (name === "pass_percent") return `${value} %`;
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value).replaceAll("_", " ");
}

export function asText(name, value) {
  if (value === null || value === undefined) return "";
  return WRITERS[name] ? WRITERS[name](value) : String(value);
}
