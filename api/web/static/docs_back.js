"use strict";
// Swagger UI's own oauth2-redirect page for the code flow, as a file: the state must be the one that was sent.
const asked = window.opener.swaggerUIRedirectOauth2;
const said = Object.fromEntries(new URLSearchParams(location.search));
const refuse = (message) => asked.errCb({ authId: asked.auth.name, source: "auth", level: "error", message });
if (said.state !== asked.state) {
  refuse("The answer belongs to another sign-in.");
} else if (said.code) {
  delete asked.state;
  asked.auth.code = said.code;
  asked.callback({ auth: asked.auth, redirectUrl: asked.redirectUrl });
} else {
  refuse(`[${said.error || "no code"}] ${said.error_description || ""}`);
}
window.close();
