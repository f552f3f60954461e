import { useQuery } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { getRegistry, getRegistryStatus, setRegistry, testRegistry } from '../../api/registry-settings.ts';
import { answer, useChange } from './ask.ts';

export type Registry = AnswerOf<typeof getRegistry>;
export type RegistryInput = CallOf<typeof setRegistry>['body'];
export type RegistryTest = AnswerOf<typeof testRegistry>;

/** Whether images have a registry to go to. */
export const useRegistryStatus = () => useQuery({ ...answer(getRegistryStatus, {}), staleTime: 60_000 });

/** The settings to begin a change from: once `isFetchedAfterMount` they are as they are now. */
export const useRegistryToEdit = () => useQuery({ ...answer(getRegistry, {}), staleTime: 0 });

const ofRegistry = [getRegistryStatus, getRegistry, listAudit];

export const useSetRegistry = () => useChange(setRegistry, { forgets: ofRegistry });

export const useTestRegistry = () => useChange(testRegistry);
