/** Pages for people, which Express serves: the API description to read and to try (Swagger UI), with nothing from elsewhere. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import express from 'express'

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

/** Nothing inline, nothing from other hosts, and in no other page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Estran: the API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="description"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`

/** Relative addresses, so that the page works below a gateway's path too. The validator of Swagger is a service elsewhere. */
const START = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#description', deepLinking: true, validatorUrl: null })
`

/** What is beside the route table; `otherwise` answers what is not there either. */
export function createPages(otherwise: (request: IncomingMessage, response: ServerResponse) => void): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.enable('strict routing')
  app.set('query parser', false)
  app.get('/docs', (_request, response) => {
    response.set('content-security-policy', POLICY).type('html').send(PAGE)
  })
  app.get('/docs/start.js', (_request, response) => {
    response.type('js').send(START)
  })
  for (const asset of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    app.get(`/docs/${asset}`, (_request, response) => {
      response.sendFile(join(assets, asset))
    })
  }
  app.use((request, response) => {
    otherwise(request, response)
  })
  return app
}
