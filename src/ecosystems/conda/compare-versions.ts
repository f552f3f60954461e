/** Orders versions of conda packages (CEP-32): epochs, then parts; `dev` comes before words, words before numbers, `post` after all. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  return left.epoch - right.epoch || compareAll(left.release, right.release) || compareAll(left.local, right.local);
}

type Part = readonly (number | string)[];

function parse(version: string) {
  const [, epoch = '0', release = '', local = ''] = /^(?:(\d+)!)?([^+]*)\+?(.*)$/.exec(version.toLowerCase())!;
  return { epoch: Number(epoch), release: partsOf(release), local: partsOf(local) };
}

/** `1.2rc1` is 1, then 2 rc 1; a part that begins with a word has a zero before it. */
function partsOf(text: string): readonly Part[] {
  return text
    .split(/[._-]/)
    .filter((part) => part !== '')
    .map((part) => [
      ...(/^\d/.test(part) ? [] : [0]),
      ...(part.match(/\d+|[^\d]+/g) ?? []).map((each) => (/^\d/.test(each) ? Number(each) : each)),
    ]);
}

function compareAll(a: readonly Part[], b: readonly Part[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at] ?? [0], b[at] ?? [0]];
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const order = compareOne(left[i] ?? 0, right[i] ?? 0);
      if (order !== 0) return order;
    }
  }
  return 0;
}

function compareOne(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(part: number | string): number {
  if (typeof part === 'number') return 2;
  return part === 'dev' ? 0 : part === 'post' ? 3 : 1;
}
