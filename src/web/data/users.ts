import { useQuery } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import {
  createUser,
  createUserSignInLink,
  deleteUser,
  editUser,
  getGroup,
  getMe,
  listGroups,
  listUsers,
} from '../../api/people.ts';
import { answer, useChange } from './ask.ts';

export type User = AnswerOf<typeof listUsers>['items'][number];

export const useUsers = (query: CallOf<typeof listUsers>['query']) => useQuery(answer(listUsers, { query }));

/** Names of users, for those who may know them. */
export const useUserNames = (isWanted: boolean): readonly string[] =>
  useQuery({ ...answer(listUsers, { query: { pageSize: 200 } }), enabled: isWanted }).data?.items.map(
    ({ name }) => name,
  ) ?? [];

const ofUsers = [listUsers, listAudit];

export const useCreateUser = () => useChange(createUser, { forgets: ofUsers });

export const useEditUser = () => useChange(editUser, { forgets: [...ofUsers, getGroup, getMe] });

export const useDeleteUser = () => useChange(deleteUser, { forgets: [...ofUsers, listGroups, getGroup] });

export const useCreateSignInLink = () => useChange(createUserSignInLink, { forgets: [listAudit] });
