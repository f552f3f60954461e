import { Hono } from 'hono';
import { html, raw } from 'hono/html';
import packageJson from '../../package.json' with { type: 'json' };
import type { Endpoint } from '../api/endpoint.ts';
import { endpoints } from '../api/endpoints.ts';
import { openApiDocument } from '../api/openapi.ts';

/** `GET /openapi.json`, and `GET /docs` for people. */
export function docsRoutes(): Hono {
  const document = openApiDocument(endpoints, packageJson);
  return new Hono().get('/openapi.json', (c) => c.json(document)).get('/docs', (c) => c.html(docsPage()));
}

function docsPage() {
  const tags = [...new Set(endpoints.map(({ tag }) => tag))];
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Imagewright API</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
  code { font-size: 0.95em; } dt { margin-top: 1rem; } dd { margin: 0 0 0 1.5rem; } .method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
</style>
<h1>Imagewright API</h1>
<p>Version ${packageJson.version}. The whole description, with all schemas, is <a href="openapi.json">openapi.json</a> (OpenAPI 3.1). Send an API token as
<code>Authorization: Bearer &lt;token&gt;</code>. Errors are problem details (RFC 9457) with a <code>code</code>, a <code>hint</code> and, for each wrong place,
a <code>problem</code> with field and line.</p>
${tags.map((tag) => html`<h2>${tag}</h2><dl>${endpoints.filter((each) => each.tag === tag).map(entryOf)}</dl>`)}
</html>`;
}

function entryOf({ method, path, summary, query, errors = [] }: Endpoint) {
  const names = Object.keys(query?.shape ?? {});
  return html`<dt><span class="method">${method}</span> <code>/api/v1${path}</code></dt>
<dd>${summary}${raw(names.length > 0 ? `<br>Query: ${names.map((name) => `<code>${name}</code>`).join(' ')}` : '')}
${raw(errors.length > 0 ? `<br>Errors: ${errors.map((code) => `<code>${code}</code>`).join(' ')}` : '')}</dd>`;
}
