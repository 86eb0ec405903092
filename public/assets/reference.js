// Starts ReDoc on /reference, with system fonts (none is loaded) and the colours of page.css.

/* global Redoc */

const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'

const viewer = document.getElementById('viewer')
const response = await fetch('/openapi.json')
if (response.ok) {
  const spec = await response.json()
  spec.servers = [{ url: window.location.origin }]
  Redoc.init(
    spec,
    {
      expandResponses: '200,201',
      jsonSampleExpandLevel: 3,
      sortRequiredPropsFirst: true,
      hideDownloadButton: true,
      theme: {
        colors: { primary: { main: '#14532d' } },
        typography: {
          fontSize: '15px',
          fontFamily: SANS,
          headings: { fontFamily: SANS, fontWeight: '600' },
          code: { fontFamily: MONO, fontSize: '13px' },
        },
        spacing: { sectionVertical: 20 },
        sidebar: { backgroundColor: '#f7f8f6', width: '270px' },
        rightPanel: { backgroundColor: '#1d2a24' },
      },
    },
    viewer,
  )
} else {
  viewer.textContent = 'The API document cannot be read right now. Please reload the page.'
}
