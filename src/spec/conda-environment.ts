import { isChannel, withChannels } from './channel-lines.ts';
import type { PastedCommands } from './pasted-commands.ts';

/**
 * Reads a pasted `environment.yml` of conda: its dependencies and those under `pip:`. Undefined when the text is none.
 * Its channels stand before the first line; its name and the rest are named in `leftOut`, for no package line can say them.
 */
export async function readCondaEnvironment(text: string): Promise<PastedCommands | undefined> {
  if (text.length > maxLength || !/^dependencies[ \t]*:/m.test(text)) return undefined;
  const { parseDocument, visit } = await import('yaml');
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
  let hasAlias = false;
  visit(document, {
    Alias: () => {
      hasAlias = true;
    },
  });
  if (document.errors.length > 0 || hasAlias) return undefined;
  const environment: unknown = document.toJS({ maxAliasCount: 0 });
  if (!isRecord(environment) || !Array.isArray(environment.dependencies)) return undefined;

  const packages = { apt: [], conda: [] as string[], pip: [] as string[] };
  const channels = isTexts(environment.channels) ? environment.channels.filter(isChannel) : [];
  const isSaid = (key: string) => key === 'dependencies' || (key === 'channels' && channels.length > 0);
  for (const dependency of environment.dependencies as readonly unknown[]) {
    if (typeof dependency === 'string') packages.conda.push(dependency);
    else if (isRecord(dependency) && isTexts(dependency.pip)) packages.pip.push(...dependency.pip);
    else return undefined;
  }
  const conda = withChannels(channels, packages.conda);
  return { packages: { ...packages, conda }, leftOut: Object.keys(environment).filter((key) => !isSaid(key)) };
}

const maxLength = 1_000_000;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
