// Starts Swagger UI on /docs. The document's server becomes the origin that this page came from, so that "Try it out"
// stays within the page's policy under whatever name the shop is reached.

/* global SwaggerUIBundle */

const viewer = document.getElementById('viewer')
const response = await fetch('/openapi.json')
if (response.ok) {
  const spec = await response.json()
  spec.servers = [{ url: window.location.origin }]
  SwaggerUIBundle({
    domNode: viewer,
    spec,
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    // No picture of a validator elsewhere.
    validatorUrl: null,
  })
} else {
  viewer.textContent = 'The API document cannot be read right now. Please reload the page.'
}
