import { useQuery } from '@tanstack/react-query';
import { listGroups } from '../../api/people.ts';
import { answer } from './ask.ts';

/** Your groups; all of them for administrators. */
export const useGroups = () => useQuery({ ...answer(listGroups, { query: { pageSize: 200 } }), staleTime: 60_000 });
