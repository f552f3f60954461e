import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { BuilderError } from '../errors.ts';
import { answerError } from './answer-error.ts';
import { docsRoutes } from './docs-routes.ts';
import { type ImageRoutesContext, imageRoutes } from './image-routes.ts';
import { type JobLogRoutesContext, jobLogRoutes } from './job-log-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { type AuthenticationOptions, authenticate } from './people/authenticate.ts';
import { meRoutes } from './people/me-routes.ts';
import type { ApiEnv } from './serve-endpoint.ts';

export interface ApiContext extends ImageRoutesContext, JobLogRoutesContext {
  readonly authentication: AuthenticationOptions;
  readonly log: (line: string) => void;
}

/** Everything under `/api/v1`, its description for programs and people, and what monitoring asks. */
export function createApiApp(context: ApiContext): Hono {
  const api = new Hono<ApiEnv>();
  api.use(authenticate(context.authentication));
  imageRoutes(api, context);
  jobRoutes(api, context);
  jobLogRoutes(api, context);
  meRoutes(api);
  api.all('*', (c) => {
    throw new BuilderError('not-found', `Nothing can be asked at ${c.req.method} ${c.req.path}`, {
      hint: 'See /docs.',
    });
  });
  api.onError((error, c) => answerError(error, c, context.log));

  const app = new Hono();
  app.use('/api/*', secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"] } }));
  app.route('/', docsRoutes());
  app.route('/', metricsRoutes(context.database));
  app.route('/api/v1', api);
  return app;
}
