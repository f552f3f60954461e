import type { Hono } from 'hono';
import { getMe, signOut } from '../../api/people.ts';
import { recordAudit } from '../../store/audit.ts';
import { deleteSession } from '../../store/people/sessions.ts';
import { findUser } from '../../store/people/users.ts';
import { type ApiEnv, serveEndpoint } from '../serve-endpoint.ts';
import { auditRoutes } from './audit-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { clearSessionCookie, readSessionCookie } from './session-cookie.ts';
import { tokenRoutes } from './token-routes.ts';
import { type UserRoutesContext, userRoutes } from './user-routes.ts';

/** Answers all that is about people: who asks, users, groups, tokens, and what they changed. */
export function peopleRoutes(app: Hono<ApiEnv>, context: UserRoutesContext): void {
  const { database, publicUrl } = context;
  serveEndpoint(app, getMe, async ({ actor: { name, isAdmin, groups } }) => {
    const user = await findUser(database, name);
    return { name, displayName: user?.displayName ?? '', isAdmin, groups: { ...groups } };
  });

  // Not by `serveEndpoint`: the answer takes the cookie away.
  app.post(signOut.path, async (c) => {
    const text = readSessionCookie(c, publicUrl);
    if (text !== undefined) {
      const { name } = c.get('actor');
      await deleteSession(database, text);
      await recordAudit(database, { actor: name, action: 'user.sign-out', target: name });
    }
    clearSessionCookie(c, publicUrl);
    return c.body(null, signOut.status);
  });

  userRoutes(app, context);
  groupRoutes(app, context);
  tokenRoutes(app, context);
  auditRoutes(app, context);
}
