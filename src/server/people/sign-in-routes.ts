import { Hono } from 'hono';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { recordAudit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { createSession } from '../../store/people/sessions.ts';
import { consumeSignInLink } from '../../store/people/sign-in-links.ts';
import { refuseThrottled } from './authenticate.ts';
import { clientAddress } from './client-address.ts';
import { type PublicUrl, writeSessionCookie } from './session-cookie.ts';
import { answerSignInError, answerSignInPage } from './sign-in-page.ts';
import { createThrottle, type Throttle } from './throttle.ts';

export interface SignInContext {
  readonly database: Database;
  readonly publicUrl?: PublicUrl;
  /** Shared with `authenticate`. */
  readonly throttle?: Throttle;
  readonly isBehindProxy?: boolean | undefined;
  /** True when `oidcRoutes` are served too. */
  readonly hasOidc?: boolean;
  readonly log: (line: string) => void;
}

const sessionLifetimeMs = 30 * 24 * 3_600_000;

/** `GET /sign-in?token=…` uses up a sign-in link, opens a session and leads to `/`. Without a token it says how to sign in. */
export function signInRoutes(app: Hono, context: SignInContext): void {
  const { database, publicUrl, throttle = createThrottle(), isBehindProxy, hasOidc = false, log } = context;
  const routes = new Hono();
  routes.get('/sign-in', async (c) => {
    const token = c.req.query('token');
    if (token === undefined) return hasOidc ? c.redirect('/sign-in/oidc') : answerSignInPage(c, withoutToken);
    // Whoever only looks at the link (a preview, a browser that fetches ahead) must not use it up.
    if (c.req.method === 'HEAD' || c.req.header('sec-purpose')?.includes('prefetch')) return c.body(null, 204);
    const address = clientAddress(c, { isBehindProxy });
    refuseThrottled(c, throttle.secondsToWait(address));
    const userAgent = c.req.header('user-agent') ?? '';
    const session = await database.transaction(async (tx) => {
      const user = await consumeSignInLink(tx, token);
      if (user === undefined) return undefined;
      await recordAudit(tx, { actor: user, action: 'user.sign-in', target: user, detail: { by: 'link' } });
      return createSession(tx, { user, userAgent, lifetimeMs: sessionLifetimeMs });
    });
    if (session === undefined) {
      throttle.recordFailure(address);
      throw new BuilderError('unauthorized', say`This sign-in link is not known, has been used or has expired`, {
        hint: say`Ask an administrator for a new one.`,
      });
    }
    writeSessionCookie(c, session, publicUrl);
    c.header('cache-control', 'no-store');
    c.header('referrer-policy', 'no-referrer');
    return c.redirect('/');
  });
  routes.onError((error, c) => answerSignInError(error, c, log));
  app.route('/', routes);
}

const withoutToken = {
  status: 200,
  title: say`Sign in`,
  message: say`Open the sign-in link that you were given. The first one stands in the log of the server.`,
  hint: say`Without a link, ask an administrator for one.`,
} as const;
