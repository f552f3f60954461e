import { type ApiClient, createApiClient } from '../src/api/create-client.ts';
import { createUser, createUserSignInLink, setGroupMember } from '../src/api/people.ts';

interface Service {
  /** An administrator's. */
  readonly client: ApiClient;
  readonly service: { readonly url: string };
}

/** Makes a user with these roles in groups that there are, and asks as their browser does once they have followed their link. */
export async function signedIn(
  { client, service }: Service,
  user: string,
  groups: Readonly<Record<string, 'admin' | 'member'>>,
): Promise<ApiClient> {
  await client.call(createUser, { body: { name: user } });
  for (const [group, role] of Object.entries(groups)) {
    await client.call(setGroupMember, { params: { name: group, user }, body: { role } });
  }
  const { url } = await client.call(createUserSignInLink, { params: { name: user } });
  const { origin, pathname, search } = new URL(url);
  // Others may reach the service by another name than we do.
  const answer = await fetch(new URL(pathname + search, service.url), { redirect: 'manual' });
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!;
  const withCookie: typeof fetch = (to, init) => {
    const headers = new Headers(init?.headers);
    headers.set('cookie', cookie);
    headers.set('origin', origin);
    return fetch(to, { ...init, headers });
  };
  return createApiClient({ url: service.url, fetch: withCookie });
}
