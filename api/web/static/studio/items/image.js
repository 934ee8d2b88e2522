// An item's picture: given, described for who doesn't see it, or taken away again.
import { announce, field, h, icon } from "/static/lib/dom.js";
import { assetOf, giveFile } from "../assets.js";
import { focusKey, redraw } from "/static/lib/quiz/redraw.js";

export function imageEditor(item, how) {
  const holder = h("div", { class: "item-image" });
  const show = () => redraw(holder, item.image ? chosen(item, how, show) : none(item, how, show, holder));
  show();
  return holder;
}

function none(item, how, show, holder) {
  const told = h("p", { class: "form-error", role: "alert", hidden: true });
  const input = h("input", { type: "file", accept: "image/png,image/jpeg,image/gif,image/webp", hidden: true });
  const word = h("span", {}, "Add a picture");
  const pick = h("button", { type: "button", class: "btn btn-sm", onclick: () => input.click(), dataset: { key: `${item.id}-image` } }, icon("photo"), word);
  input.addEventListener("change", async () => {
    if (!input.files.length) return;
    word.textContent = "Uploading …";
    try {
      item.image = { media_id: await giveFile(input.files[0]), alt: "" };
      how.changed();
      show();
      focusKey(holder, `${item.id}-alt`);
      announce("The picture is there. Describe it for people who can't see it.");
    } catch (problem) {
      told.textContent = problem.message;
      told.hidden = false;
      word.textContent = "Add a picture";
    }
  });
  return [pick, input, told];
}

function chosen(item, how, show) {
  const picture = h("img", { class: "item-picture", alt: item.image.alt });
  assetOf(item.image.media_id).then((asset) => { picture.src = asset.links.url; }, () => { picture.alt = "This picture is no longer there."; });
  const alt = h("input", {
    type: "text", class: "form-control", value: item.image.alt, maxlength: 500, dataset: { key: `${item.id}-alt` },
    oninput: () => { item.image.alt = alt.value; picture.alt = alt.value; how.changed(); },
  });
  const remove = () => { item.image = null; how.changed(); show(); };
  return [
    picture,
    h("div", { class: "flex-fill" },
      field("Description of the picture", alt, { hint: "What a person who can't see it has to know to answer." }),
      h("button", { type: "button", class: "btn btn-sm", onclick: remove, dataset: { key: `${item.id}-image` } }, "Remove the picture")),
  ];
}
