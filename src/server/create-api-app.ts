import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { answerError } from './answer-error.ts';
import { baseContentsRoutes } from './base-contents-routes.ts';
import { baseImageRoutes } from './base-image-routes.ts';
import { docsRoutes } from './docs-routes.ts';
import { type ImageRoutesContext, imageRoutes } from './image-routes.ts';
import { type JobFeedRoutesContext, jobFeedRoutes } from './job-feed-routes.ts';
import { type JobLogRoutesContext, jobLogRoutes } from './job-log-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { type LimitsRoutesContext, limitsRoutes } from './limits-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { type PackageRoutesContext, packageRoutes } from './package-routes.ts';
import { packageSourceRoutes } from './package-source-routes.ts';
import { authenticate } from './people/authenticate.ts';
import { type OidcOptions, oidcRoutes } from './people/oidc-routes.ts';
import { peopleRoutes } from './people/people-routes.ts';
import { signInRoutes } from './people/sign-in-routes.ts';
import { createThrottle } from './people/throttle.ts';
import { type PullSecretRoutesContext, pullSecretRoutes } from './pull-secret-routes.ts';
import { type RegistryCollectionRoutesContext, registryCollectionRoutes } from './registry-collection-routes.ts';
import { type RegistrySettingsRoutesContext, registrySettingsRoutes } from './registry-settings-routes.ts';
import type { ApiEnv } from './serve-endpoint.ts';

export interface ApiContext
  extends ImageRoutesContext,
    PackageRoutesContext,
    JobLogRoutesContext,
    JobFeedRoutesContext,
    LimitsRoutesContext,
    PullSecretRoutesContext,
    RegistrySettingsRoutesContext,
    RegistryCollectionRoutesContext {
  /** The fixed token of the built-in administrator. */
  readonly adminToken: string;
  /** Where people reach us: `https://images.example.com`. */
  readonly publicUrl: () => string;
  /** The identity provider, where there is one. */
  readonly oidc?: Omit<OidcOptions, 'database' | 'publicUrl' | 'log'> | undefined;
  /** True when `X-Forwarded-For` is written by a proxy of ours. */
  readonly isBehindProxy: boolean;
  readonly log: (line: string) => void;
}

/** Everything under `/api/v1`, signing in, the description for programs and people, and what monitoring asks. */
export function createApiApp(context: ApiContext): Hono {
  const { adminToken, database, publicUrl, oidc, isBehindProxy, log } = context;
  const throttle = createThrottle();
  const api = new Hono<ApiEnv>();
  api.use(authenticate({ adminToken, database, publicUrl, throttle, isBehindProxy }));
  imageRoutes(api, context);
  packageRoutes(api, context);
  jobRoutes(api, context);
  jobLogRoutes(api, context);
  jobFeedRoutes(api, context);
  limitsRoutes(api, context);
  baseImageRoutes(api, context);
  baseContentsRoutes(api, context);
  pullSecretRoutes(api, context);
  packageSourceRoutes(api, context);
  registrySettingsRoutes(api, context);
  registryCollectionRoutes(api, context);
  peopleRoutes(api, context);
  api.all('*', (c) => {
    throw new BuilderError('not-found', say`Nothing can be asked at ${c.req.method} ${c.req.path}`, {
      hint: say`See /docs.`,
    });
  });
  api.onError((error, c) => answerError(error, c, log));

  const app = new Hono();
  app.use('/api/*', secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"] } }));
  signInRoutes(app, { database, publicUrl, throttle, isBehindProxy, hasOidc: oidc !== undefined, log });
  if (oidc !== undefined) oidcRoutes(app, { ...oidc, database, publicUrl, log });
  app.route('/', docsRoutes());
  app.route('/', metricsRoutes(context));
  app.route('/api/v1', api);
  return app;
}
