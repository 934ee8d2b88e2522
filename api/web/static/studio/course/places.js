// Where a problem of a course is put right: its JSON pointer as an address in the studio.

export const courseHref = (id, page = "") => `/studio/courses/${id}${page && `/${page}`}`;

export function placeOf(pointer, draft) {
  const [what, at, part, number] = pointer.split("/").slice(1);
  const home = courseHref(draft.course_id);
  if (what !== "modules" || !draft.modules[at]) return home;
  const module = draft.modules[at];
  if (module.kind !== "quiz") return `${home}#module:${module.id}`;
  const question = part === "questions" ? module.questions[number] : null;
  return `${home}/modules/${module.id}${question ? `#question-${question.id}` : ""}`;
}

// Problems of one quiz: by question, and those of the quiz as a whole.
export function problemsOfModule(problems, at) {
  const found = { whole: [], items: {} };
  for (const { pointer, text } of problems) {
    const [what, number, part, question] = pointer.split("/").slice(1);
    if (what !== "modules" || Number(number) !== at) continue;
    if (part === "questions" && question !== undefined) (found.items[Number(question)] ??= []).push(text);
    else found.whole.push(text);
  }
  return found;
}
