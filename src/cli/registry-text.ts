import type { z } from 'zod';
import type { registrySettingsSchema, testRegistry } from '../api/registry-settings.ts';
import { formatTable } from './format-text.ts';
import { cell } from './job-text.ts';

export type RegistrySettings = z.output<typeof registrySettingsSchema>;
export type RegistryTest = z.output<(typeof testRegistry)['answer']>;

const sources = {
  stored: 'a registry that was set',
  embedded: 'the embedded registry',
  none: 'nowhere: custom images are refused',
} as const;

/** Where images are pushed to. */
export function registryText(settings: RegistrySettings): string {
  const { source, endpoint, username, hasPassword, pushRepo, pushRepoPrefix, exampleImage } = settings;
  const manners = [settings.plainHttp ? 'plain HTTP' : '', settings.insecureSkipVerify ? 'any certificate' : ''];
  return formatTable([
    ['Images go to', sources[source]],
    ['Endpoint', cell(endpoint)],
    ['User', username === null ? '-' : `${cell(username)}${hasPassword ? ', with a password' : ''}`],
    ['Push repository', cell(pushRepo)],
    ['Push prefix', cell(pushRepoPrefix)],
    ['Connection', manners.filter(Boolean).join(', ') || 'verified TLS'],
    ['Example', cell(exampleImage)],
    ...(settings.updatedBy === null ? [] : [['Set by', cell(settings.updatedBy)]]),
  ]);
}

/** What trying a registry out gave. */
export function registryTestText({ registryHost, exampleImage, checks }: RegistryTest): string {
  const rows = checks.map(({ check, result, message, hint }) => [
    check,
    result,
    cell(`${message}${hint === undefined ? '' : `. ${hint}`}`),
  ]);
  return `${formatTable([
    ['Registry', cell(registryHost)],
    ['Example', cell(exampleImage)],
  ])}\n\n${formatTable([['CHECK', 'RESULT', 'MESSAGE'], ...rows])}`;
}
