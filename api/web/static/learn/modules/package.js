// An interactive package. Its own frame is on another site; how far one is, the server decides from what it keeps.
import { h } from "/static/lib/dom.js";
import { packageStage } from "/static/packages/stage.js";
import { prose } from "./prose.js";

export function view(module, course, player) {
  const saved = ({ module_percent: percent, progress_percent: whole }) => {
    const known = course.modules.find((one) => one.id === module.id)?.progress;
    if (percent === (known?.percent ?? 0) && whole === course.enrollment.progress_percent) return;
    player.progress().catch(() => {}); // the same again, as POST /progress tells it: with the end of the course
  };
  const stage = packageStage({ course: course.course_id, module: module.id, saved });
  return { wide: stage.node, node: h("div", {}, prose(module)), stop: stage.stop };
}
