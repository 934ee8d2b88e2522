// Languages by their names.
import { options } from "/static/lib/dom.js";

const NAMES = new Intl.DisplayNames(["en"], { type: "language" });
const CODES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "fi", "nb", "hu", "ro", "el", "tr", "uk", "ar", "he", "hi", "ja", "ko", "zh"];

// As it is called in English, or in the language `among`.
export function nameOf(code, among) {
  try { return (among ? new Intl.DisplayNames([among], { type: "language" }) : NAMES).of(code); } catch { return code; }
}

export const languages = (chosen) => options([...new Set([chosen, ...CODES].filter(Boolean))].map((code) => [code, `${nameOf(code)} (${code})`]), chosen);
