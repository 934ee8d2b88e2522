import { h } from "/static/studio/dom.js";
export function captionsField() { return h("div", {}); }
