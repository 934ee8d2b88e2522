// The seven kinds of quiz items: what a new one holds, and what stays when an item becomes another kind.
import { gapNumbers } from "/static/lib/quiz/gaps.js";

export { gapNumbers };

export const KINDS = {
  single: { label: "One answer", hint: "Mark the one right answer."},
  multiple: { label: "Several answers", hint: "Mark every right answer."},
  ordering: { label: "Put in order", hint: "List the steps in the right order: learners see them shuffled."},
  matching: { label: "Match pairs", hint: "Give each entry its partner: learners see the partners shuffled."},
  numeric: { label: "Number", hint: "The right number, and how far off an answer may be."},
  short_text: { label: "Short text", hint: "Every spelling that counts as right. Spaces around an answer never matter."},
  cloze: { label: "Fill the gaps", hint: "Write {{1}}, {{2}} … in the question where a gap is."},
};
export const WITH_CHOICES = ["single", "multiple", "ordering", "matching"];
export const MOST_CHOICES = 12;

export const newId = () => crypto.randomUUID();
export const newChoice = (label = "") => ({ id: newId(), label, is_correct: false, feedback: "", match: ""});

export function newItem(kind) {
  const item = { id: newId(), kind, prompt: "", points: 1, feedback: "", image: null, choices: [], spec: {}};
  return asKind(item, kind);
}

// What a question is, without what only a bank's item or a stored one has.
export function pickQuestion({ kind, prompt, points, feedback, image, choices, spec }) {
  return { kind, prompt, points, feedback, image, choices, spec };
}

export function copyOf(item) {
  const rest = pickQuestion(structuredClone(item));
  return { ...rest, id: newId(), choices: rest.choices.map((choice) => ({ ...choice, id: newId()}))};
}

// The same question as another kind: the texts stay, what only the old kind had goes.
export function asKind(item, kind) {
  const next = { ...item, kind, spec: specOf(item, kind)};
  next.choices = WITH_CHOICES.includes(kind) ? choicesOf(item, kind) : [];
  return next;
}

function choicesOf(item, kind) {
  const texts = item.spec.accepted ?? [];
  let choices = item.choices.length ? item.choices : texts.map((text) => newChoice(text));
  while (choices.length < 2) choices = [...choices, newChoice()];
  const first = choices.findIndex((choice) => choice.is_correct);
  return choices.map((choice, at) => ({
    ...choice,
    is_correct: kind === "single" ? at === first : kind === "multiple" && choice.is_correct,
    match: kind === "matching" ? choice.match : "",
    feedback: kind === "single" || kind === "multiple" ? choice.feedback : "",
  }));
}

function specOf(item, kind) {
  if (kind === "numeric") return { value: item.spec.value ?? null, tolerance: item.spec.tolerance ?? 0};
  if (kind === "cloze") return { gaps: item.spec.gaps ?? []};
  if (kind !== "short_text") return {};
  const right = item.choices.filter((choice) => choice.is_correct && choice.label).map((choice) => choice.label);
  const accepted = item.spec.accepted ?? (right.length ? right : [""]);
  return { accepted, case_sensitive: item.spec.case_sensitive ?? false};
}

// Gaps follow the question's text: as many as its highest number.
export function withGaps(item) {
  if (item.kind !== "cloze") return item;
  const most = Math.min(Math.max(0, ...gapNumbers(item.prompt)), 20);
  const gaps = Array.from({ length: most}, (_, at) => item.spec.gaps?.[at] ?? { accepted: [""]});
  return { ...item, spec: { ...item.spec, gaps}};
}

// Rows left empty are for the person who writes, not for the server.
export function forSaving(item) {
  const { spec} = item;
  const filled = (texts) => texts.map((text) => text.trim()).filter(Boolean);
  const kept = { ...spec};
  if (spec.accepted) kept.accepted = filled(spec.accepted);
  if (spec.gaps) kept.gaps = spec.gaps.map((gap) => ({ accepted: filled(gap.accepted)}));
  return { ...item, spec: kept};
}

// What the server keeps of other kinds" answers is not ours to write: only what this kind needs.
export function forEditing(item) {
  const { spec} = item;
  const row = (texts) => (texts?.length ? texts : [""]);
  const specs = {
    numeric: () => ({ value: spec.value ?? null, tolerance: spec.tolerance ?? 0}),
    short_text: () => ({ accepted: row(spec.accepted), case_sensitive: spec.case_sensitive ?? false}),
    cloze: () => ({ gaps: (spec.gaps ?? []).map((gap) => ({ accepted: row(gap.accepted)}))}),
  };
  return { feedback: "", image: null, points: 1, choices: [], ...item, spec: specs[item.kind]?.() ?? {}};
}

export const titleOf = (item) => item.prompt.trim().split("\n")[0] || "A question without text yet";
