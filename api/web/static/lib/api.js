// The public API, called with the browser's session. Every failure is a Problem whose message says what to do.
import { gettext as _ } from "./i18n.js";

export class Problem extends Error {
  constructor(status, document, headers) {
    super(document.detail || document.title || _("The server answered {status}.", { status }));
    this.name = "Problem";
    this.status = status;
    this.title = document.title || "";
    this.errors = document.errors || [];
    this.document = document;
    this.etag = headers ? headers.get("ETag") : null;
  }
  get isOffline() { return this.status === 0; }
}

const GONE = { title: _("No connection"), detail: _("The server can't be reached. Check your connection.") };

export function toSignIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

// Gives {data, etag, status}; `etag` goes out as If-Match. A session that ended leads to the sign-in and back,
// unless the caller has unsaved work to keep (`stay`). `raw` is a body that is no JSON; `keepalive` outlives the page.
export async function call(method, path, { body, raw, etag, stay = false, signal, keepalive, headers = {} } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  if (etag) sent["If-Match"] = etag;
  let answer;
  try {
    answer = await fetch(path, { method, headers: sent, body: body === undefined ? raw : JSON.stringify(body), signal, keepalive, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, GONE);
  }
  const text = await answer.text();
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  const data = isJson && text ? JSON.parse(text) : text || null;
  if (answer.ok) return { data, etag: answer.headers.get("ETag"), status: answer.status };
  if (answer.status === 401 && !stay) toSignIn();
  throw new Problem(answer.status, isJson && data ? data : {}, answer.headers);
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { ...options, body });
export const put = (path, body, options) => call("PUT", path, { ...options, body });
export const del = (path, options) => call("DELETE", path, options);

export function query(path, values) {
  const said = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return said.length ? `${path}?${new URLSearchParams(said)}` : path;
}

// All items of a list that comes in pages with a cursor in `next`.
export async function all(path, values = {}) {
  const items = [];
  let cursor;
  do {
    const { data } = await get(query(path, { ...values, cursor }));
    items.push(...data.items);
    cursor = data.next;
  } while (cursor);
  return items;
}
