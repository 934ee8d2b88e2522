"use strict";
const place = document.getElementById("swagger-ui");
const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  layout: "BaseLayout",
  deepLinking: true,
  showExtensions: true,
  showCommonExtensions: true,
  persistAuthorization: true,
  validatorUrl: null,
  oauth2RedirectUrl: location.origin + place.dataset.redirectPath,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
ui.initOAuth({ clientId: place.dataset.clientId, usePkceWithAuthorizationCodeGrant: true });
