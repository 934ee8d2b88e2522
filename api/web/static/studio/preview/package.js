// An interactive package in the page that plays it; its own frame is on another site, so nothing in it reaches ours.
import { h } from "/static/lib/dom.js";

export function packageFrame(module, course) {
  return h("iframe", { class: "learn-page", src: `/packages/${course.course_id}/${module.id}?preview=true`, title: module.title, allow: "autoplay; fullscreen" });
}
