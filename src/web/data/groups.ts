import { useQuery } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import {
  createGroup,
  deleteGroup,
  editGroup,
  getGroup,
  getMe,
  listGroups,
  listUsers,
  removeGroupMember,
  setGroupMember,
} from '../../api/people.ts';
import { answer, useChange } from './ask.ts';

export type Group = AnswerOf<typeof listGroups>['items'][number];
export type GroupDetails = AnswerOf<typeof getGroup>;
export type Member = GroupDetails['members'][number];

/** Your groups; all of them for administrators. */
export const useGroups = () => useQuery({ ...answer(listGroups, { query: { pageSize: 200 } }), staleTime: 60_000 });

/** A page of them. */
export const useGroupPage = (query: CallOf<typeof listGroups>['query']) => useQuery(answer(listGroups, { query }));

export const useGroup = (name: string) => useQuery(answer(getGroup, { params: { name } }));

const ofGroups = [listGroups, getGroup, listAudit];
/** Who is in which group stands with the people too. */
const ofMembers = [...ofGroups, listUsers, getMe];

export const useCreateGroup = () => useChange(createGroup, { forgets: ofGroups });

export const useEditGroup = () => useChange(editGroup, { forgets: ofGroups });

export const useDeleteGroup = () => useChange(deleteGroup, { forgets: ofMembers });

export const useSetMember = () => useChange(setGroupMember, { forgets: ofMembers });

export const useRemoveMember = () => useChange(removeGroupMember, { forgets: ofMembers });
