// A quiz tried by its author: questions and scores come from the server as a learner would get them; nothing is stored.
import { post } from "/static/lib/api.js";
import { h, icon } from "/static/lib/dom.js";
import { quizRunner } from "./runner.js";

export function trial(moduleId) {
  const holder = h("div", { "aria-busy": "true" }, h("p", { class: "quiet" }, "Loading …"));
  const begin = async () => {
    const seed = crypto.randomUUID();
    const { data } = await post("/quiz-previews", { module_id: moduleId, seed });
    holder.removeAttribute("aria-busy");
    if (!data.questions.length) {
      holder.replaceChildren(h("p", { class: "alert-box warn" }, icon("info-circle"), "This quiz asks nothing yet."));
      return;
    }
    const score = async (answers) => (await post("/quiz-previews", { module_id: moduleId, seed, answers })).data.attempt;
    const again = h("button", { type: "button", class: "btn", onclick: () => begin().then(() => holder.querySelector("input, select, button")?.focus(), tell) }, icon("refresh"), "Begin anew");
    holder.replaceChildren(quizRunner(data.questions, score, again));
  };
  const tell = (problem) => holder.replaceChildren(h("p", { class: "alert-box bad", role: "alert" }, icon("alert-triangle"), problem.message));
  begin().catch(tell);
  return holder;
}
