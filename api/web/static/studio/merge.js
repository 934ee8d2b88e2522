// Two authors at once: what each of them changed since `base`, put together. Plain documents in, plain ones out.

const FIELDS = {
  title: "Title", summary: "Summary", description: "Description", category: "Category", difficulty: "Difficulty",
  language: "Language", skills: "Skills", cover: "Cover", pass_percent: "Pass mark", prerequisites: "Prerequisites",
  completion: "Completion rule", notes: "What is new",
};
const MODULE_FIELDS = {
  title: "title", section_id: "section", duration_s: "duration", body: "text", media_id: "file", url: "address",
  weight: "weight", settings: "settings", questions: "questions",
};

// Equal whatever the order of keys: the server may write an object's keys in another order than we do.
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}

const byId = (parts) => new Map(parts.map((part) => [part.id, part]));

// Every difference of mine and theirs to base: {key, label, mine, theirs, by: "me"|"them"|"both"}.
export function differences(base, mine, theirs) {
  const found = [];
  const compare = (key, label, was, ours, other) => {
    const changedHere = !same(was, ours), changedThere = !same(was, other);
    if (!changedHere && !changedThere) return;
    if (same(ours, other)) return;
    found.push({ key, label, mine: ours, theirs: other, by: changedHere && changedThere ? "both" : changedHere ? "me" : "them" });
  };
  for (const [name, label] of Object.entries(FIELDS)) compare(name, label, base[name], mine[name], theirs[name]);
  for (const list of ["sections", "modules"]) {
    const [was, ours, other] = [base, mine, theirs].map((document) => byId(document[list]));
    const one = list === "sections" ? "Section" : "Module";
    for (const id of new Set([...was.keys(), ...ours.keys(), ...other.keys()])) {
      const [a, b, c] = [was.get(id), ours.get(id), other.get(id)];
      const name = `${one} “${(b || c || a).title}”`;
      if (!a || !b || !c) compare(`${list}/${id}`, name, a, b, c);
      else {
        const fields = list === "sections" ? { title: "title" } : MODULE_FIELDS;
        for (const [field, label] of Object.entries(fields)) compare(`${list}/${id}/${field}`, `${name}: ${label}`, a[field], b[field], c[field]);
      }
    }
    const kept = (document) => document[list].map((part) => part.id).filter((id) => was.has(id) && ours.has(id) && other.has(id));
    compare(`${list}/order`, `Order of the ${list}`, kept(base), kept(mine), kept(theirs));
  }
  return found;
}

// Theirs with what I changed put in; `choices` says "mine" or "theirs" where both changed the same.
export function merged(base, mine, theirs, choices = {}) {
  const result = structuredClone(theirs);
  const found = differences(base, mine, theirs);
  const takesMine = (one) => one.by === "me" || (one.by === "both" && choices[one.key] === "mine");
  for (const one of found.filter(takesMine)) {
    const [list, id, field] = one.key.split("/");
    if (id === undefined) result[list] = structuredClone(one.mine);
    else if (id === "order") reorder(result[list], mine[list]);
    else if (field) Object.assign(result[list].find((part) => part.id === id) || {}, { [field]: structuredClone(one.mine) });
    else if (one.mine === undefined) result[list] = result[list].filter((part) => part.id !== id);
    else insert(result[list], mine[list], one.mine);
  }
  const sections = new Set(result.sections.map((section) => section.id));
  for (const module of result.modules) if (!sections.has(module.section_id)) module.section_id = null;
  return result;
}

// A part of mine behind the one that it follows in mine, so that what I added stays where I put it.
function insert(parts, order, part) {
  const known = parts.findIndex((one) => one.id === part.id);
  if (known >= 0) { parts[known] = structuredClone(part); return; }
  const before = order.slice(0, order.findIndex((one) => one.id === part.id)).reverse();
  const place = before.map((one) => parts.findIndex((other) => other.id === one.id)).find((index) => index >= 0);
  parts.splice(place === undefined ? 0 : place + 1, 0, structuredClone(part));
}

function reorder(parts, order) {
  const rank = new Map(order.map((part, index) => [part.id, index]));
  const places = parts.map((part, index) => [part, index]).filter(([part]) => rank.has(part.id));
  const sorted = places.map(([part]) => part).sort((a, b) => rank.get(a.id) - rank.get(b.id));
  places.forEach(([, index], n) => { parts[index] = sorted[n]; });
}
