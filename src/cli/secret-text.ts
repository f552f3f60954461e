import type { z } from 'zod';
import type { pullSecretSchema } from '../api/pull-secrets.ts';
import { formatTable } from './format-text.ts';
import { cell, formatTime } from './job-text.ts';

export type PullSecret = z.output<typeof pullSecretSchema>;

/** A row a pull secret. */
export function secretTable(secrets: readonly PullSecret[]): string {
  if (secrets.length === 0) return 'There are no pull secrets.';
  const rows = secrets.map(({ name, registryHost, username, ownerGroup, createdBy, updatedAt }) => [
    name,
    cell(registryHost),
    cell(username),
    ownerGroup ?? 'everybody',
    cell(createdBy),
    formatTime(updatedAt),
  ]);
  return formatTable([['NAME', 'REGISTRY', 'USER', 'FOR', 'BY', 'UPDATED'], ...rows]);
}
