// Swagger UI over the service's own OpenAPI document; it contacts no other host.
const place = document.getElementById("docs");

globalThis.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});
