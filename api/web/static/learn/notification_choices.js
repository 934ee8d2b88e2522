// Each choice is saved as it is made; without this script the form has a button for it.
import { put } from "/static/lib/api.js";
import { gettext as _ } from "/static/lib/i18n.js";
import { $ } from "/static/lib/dom.js";

const form = $("#choices"), saved = $("#saved"), wrong = $("#wrong");
const words = $("span", wrong), usual = words.textContent;
const QUIET_FROM = "20:00", QUIET_TO = "07:00";
let going = Promise.resolve();

function shape() {
  $("#digest-time").hidden = form.digest.value === "off";
  $("#quiet-times").hidden = !form.quiet.checked;
}

function said(name) {
  const [channel, kind] = name.split(".");
  if (kind) return { kinds: { [kind]: { [channel]: form[name].checked } } };
  if (name === "is_weekend_quiet") return { is_weekend_quiet: form.is_weekend_quiet.checked };
  if (name.startsWith("quiet")) {
    const is = form.quiet.checked;
    return { quiet_from: is ? form.quiet_from.value || QUIET_FROM : null, quiet_to: is ? form.quiet_to.value || QUIET_TO : null };
  }
  return { digest: form.digest.value, ...(form.digest_at.value ? { digest_at: form.digest_at.value } : {}) };
}

// One after the other, so that the last one made is the last one saved.
async function save(name) {
  saved.hidden = true;
  try {
    await put("/me/notification-choices", said(name));
    wrong.hidden = true;
    saved.hidden = false;
  } catch (error) {
    words.textContent = error.isOffline ? _("That isn't saved: there is no connection. Choose it again in a moment.") : usual;
    wrong.hidden = false;
    $("#save").hidden = false;
  }
}

form.addEventListener("change", (event) => {
  shape();
  const { name } = event.target;
  going = going.then(() => save(name));
});
$("#save").hidden = true;
shape();
