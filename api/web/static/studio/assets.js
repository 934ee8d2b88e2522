// Files that somebody gave, by their id: asked for once, with links that last longer than a visit to a page.
import { get, Problem } from "/static/lib/api.js";

const known = new Map();

export function assetOf(id, { fresh = false } = {}) {
  if (fresh || !known.has(id)) known.set(id, get(`/media-assets/${id}`).then(({ data }) => data, (problem) => { known.delete(id); throw problem; }));
  return known.get(id);
}

// A small file, such as a picture, in one request; larger ones go by tus. Gives the id of the asset.
export async function giveFile(file) {
  let answer;
  try {
    answer = await fetch(`/upload-material?file_name=${encodeURIComponent(file.name)}`, { method: "POST", body: file, headers: { "Content-Type": file.type || "application/octet-stream" } });
  } catch {
    throw new Problem(0, { detail: "The server can't be reached. Check your connection." });
  }
  const said = await answer.json();
  if (!answer.ok) throw new Problem(answer.status, said, answer.headers);
  return said.asset_id;
}
