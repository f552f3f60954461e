import { Hono } from 'hono';
import packageJson from '../../package.json' with { type: 'json' };

/** `GET /healthz`: 200 as long as the process answers, e.g. `{"status":"ok","version":"0.1.0"}`. */
export function healthRoutes(): Hono {
  return new Hono().get('/healthz', (c) => c.json({ status: 'ok', version: packageJson.version }));
}
