// The page of an author's preview: the package as learners get it, and nothing is kept.
import { packageStage } from "./stage.js";

const root = document.getElementById("player");
if (window.parent !== window) document.body.classList.add("framed"); // in the studio's preview, which has the titles itself
root.append(packageStage({ course: root.dataset.course, module: root.dataset.module, isPreview: true }).node);
