import { type QueryClient, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import type { AnswerOf } from '../../api/endpoint.ts';
import { getMe, signOut } from '../../api/people.ts';
import { answer, useChange } from './ask.ts';

export type Me = AnswerOf<typeof getMe>;

const me = { ...answer(getMe, {}), staleTime: 60_000 };

/** Who is signed in; an error with the code `unauthorized` when nobody is. */
export const useSession = () => useQuery(me);

/** Asks who is signed in before anything is drawn, while the rest of the page is on its way. */
export const askForSession = (queries: QueryClient) => void queries.prefetchQuery(me);

/** Who is signed in, for what is shown only to them. */
export const useMe = () => useSuspenseQuery(me).data;

export const useSignOut = () => useChange(signOut);

/** Whether one may change what belongs to that group, or with `null` to the platform. */
export function useMayManage(ownerGroup: string | null): boolean {
  const { isAdmin, groups } = useMe();
  return isAdmin || (ownerGroup !== null && groups[ownerGroup] === 'admin');
}

/** Whether one may make images at all. */
export function useMayMake(): boolean {
  const { isAdmin, groups } = useMe();
  return isAdmin || Object.values(groups).includes('admin');
}
