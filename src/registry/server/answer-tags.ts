import type { Registry, RegistryRequest } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import type { RouteOf } from './registry-route.ts';

/** Tags that one answer holds at most; a `Link` leads to the next. */
const maxTagsPerPage = 1000;

/** Lists tags, distribution-spec end-8. */
export async function answerTags(
  { index }: Registry,
  { c, route }: RegistryRequest<RouteOf<'tags'>>,
): Promise<Response> {
  const { repository } = route;
  const limit = Math.min(limitOf(c.req.query('n')), maxTagsPerPage);
  // One more than asked for tells whether there is a next page.
  const found = await index.tags.list(repository, { after: c.req.query('last'), limit: limit + 1 });
  if (found === undefined) throw new RegistryError('NAME_UNKNOWN', `There is no repository ${repository}`);
  const tags = found.slice(0, limit);
  const hasNext = limit > 0 && found.length > limit;
  const next = `</v2/${repository}/tags/list?n=${limit}&last=${tags.at(-1)}>; rel="next"`;
  return Response.json({ name: repository, tags }, { headers: hasNext ? { Link: next } : {} });
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return maxTagsPerPage;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RegistryError('UNSUPPORTED', 'n must be a number', { status: 400 });
}
