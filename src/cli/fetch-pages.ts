import type { Page } from '../api/paging.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { integerFrom } from './common-options.ts';

const largestPage = 200;

export interface Paging {
  readonly page: number;
  readonly pageSize: number;
}

/**
 * Asks for pages until there are as many items as `--limit` says, and tells on standard error when there are more. An item that a
 * change meanwhile moved to a later page comes only once.
 */
export async function fetchPages<T>(
  fetchPage: (paging: Paging) => Promise<Page<T>>,
  { keyOf, options, stderr }: { keyOf(item: T): string; options: OptionValues; stderr: CommandContext['stderr'] },
): Promise<readonly T[]> {
  const limit = integerFrom(options, 'limit') ?? largestPage;
  const pageSize = Math.min(limit, largestPage);
  const items = new Map<string, T>();
  for (let page = 1; ; page++) {
    const answer = await fetchPage({ page, pageSize });
    for (const item of answer.items) items.set(keyOf(item), item);
    const isLast = answer.items.length < pageSize || page * pageSize >= answer.total;
    if (!isLast && items.size < limit) continue;
    const shown = [...items.values()].slice(0, limit);
    if (!isLast || items.size > limit) {
      stderr.write(`note: ${shown.length} of ${answer.total} are shown; --limit shows more\n`);
    }
    return shown;
  }
}
