/** Makes of a file's content what is worth keeping; `undefined` when that is nothing. */
export type Excerpt = (content: Buffer) => Buffer | undefined;

/** The fields of core metadata, without the description that follows them as a body. */
export const metadataExcerpt: Excerpt = (content) => {
  const end = content.indexOf('\n\n');
  const crlfEnd = content.indexOf('\r\n\r\n');
  const ends = [end, crlfEnd].filter((at) => at >= 0);
  return ends.length === 0 ? content : content.subarray(0, Math.min(...ends) + 1);
};

/** `glibc 2.36` or `musl 1.2.4`; of a musl that does not tell, `musl 1.1`. */
export const libcExcerpt: Excerpt = (content) => {
  const banner = content.indexOf('GNU C Library');
  if (banner >= 0) {
    const text = content.toString('latin1', banner, banner + 200);
    const match = /release version ([0-9]+\.[0-9]+)/.exec(text);
    return match ? Buffer.from(`glibc ${match[1]}`) : undefined;
  }
  if (!content.includes('musl libc')) return undefined;
  const version = /\0(1\.[0-9]{1,2}\.[0-9]{1,2})(?:-git-[0-9a-f-]+)?\0/.exec(content.toString('latin1'));
  return Buffer.from(`musl ${version?.[1] ?? '1.1'}`);
};

/**
 * Of a Python (or its shared library): `elf /lib64/ld-linux-x86-64.so.2 3.2.0,3.11.2`, the dynamic loader it asks for and what may be its
 * version, `-` for what it does not tell; `script` for what is no machine code.
 */
export const interpreterExcerpt: Excerpt = (content) => {
  if (content.toString('latin1', 0, 4) !== '\x7fELF') return Buffer.from('script');
  const loader = /\0(\/[^\0\s]*\/ld[-.][^\0\s/]*)\0/.exec(content.toString('latin1', 0, 16_384))?.[1] ?? '-';
  return Buffer.from(`elf ${loader} ${[...pythonVersionsIn(content)].join(',') || '-'}`);
};

const maxVersions = 16;

/** Strings that end with a version: CPython holds `PY_VERSION`, which a linker may have merged with a path that ends with the same. */
function pythonVersionsIn(content: Buffer): Set<string> {
  const found = new Set<string>();
  for (let at = content.indexOf('3.', 1); at >= 0 && found.size < maxVersions; at = content.indexOf('3.', at + 1)) {
    const text = content.toString('latin1', at - 1, at + 16);
    const match = /^[^0-9.](3\.[0-9]{1,2}\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]{1,2})?)\+?\0/.exec(text);
    if (match) found.add(match[1]!);
  }
  return found;
}
