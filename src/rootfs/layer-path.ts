import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/**
 * A member's name in a layer as an absolute path: `./usr/bin/` is `/usr/bin`. Throws `image-invalid` for a name with `..`, which no
 * layer needs (image-spec layer.md).
 */
export function layerPath(name: string): string {
  let start = name.startsWith('./') ? 2 : 0;
  while (name.charCodeAt(start) === slash) start++;
  let end = name.length;
  while (end > start && name.charCodeAt(end - 1) === slash) end--;
  const path = name.slice(start, end);
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return `/${path}`;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    throw new BuilderError('image-invalid', say`a layer has a member outside of the root: ${name.slice(0, 200)}`);
  }
  return `/${parts.join('/')}`;
}

const slash = 0x2f;
