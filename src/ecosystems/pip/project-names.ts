import { normalisedName } from '../../rootfs/normalised-name.ts';

/** In what form the root of an index lists its projects: PEP 691, PEP 503. */
export type RootForm = 'json' | 'html';

/** A member `name` is a project's wherever it stands: nothing else of a root has one. */
const patterns: Readonly<Record<RootForm, RegExp>> = {
  json: /"name"\s*:\s*"([^"\\]{1,300})"/g,
  html: /<a\s[^>]{0,2000}>\s*([^<]{1,300}?)\s*<\/a>/gi,
};
const projectName = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;
/** No match is longer. */
const maxMatchLength = 4096;

/** The projects that the root of an index lists, each in its one spelling; read as it comes, for it may have tens of megabytes. */
export async function projectNames(root: AsyncIterable<Uint8Array>, form: RootForm): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of root) {
    text += decoder.decode(chunk, { stream: true });
    let readTo = 0;
    for (const match of text.matchAll(patterns[form])) {
      if (projectName.test(match[1]!)) names.add(normalisedName(match[1]!));
      readTo = match.index + match[0].length;
    }
    text = text.slice(Math.max(readTo, text.length - maxMatchLength));
  }
  return names;
}
