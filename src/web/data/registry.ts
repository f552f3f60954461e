import { useQuery } from '@tanstack/react-query';
import { getRegistryStatus } from '../../api/registry-settings.ts';
import { answer } from './ask.ts';

/** Whether images have a registry to go to. */
export const useRegistryStatus = () => useQuery({ ...answer(getRegistryStatus, {}), staleTime: 60_000 });
