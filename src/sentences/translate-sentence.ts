/** What is said, by the English template: `There is no package "{0}"`. */
export type SentenceCatalogue = Readonly<Record<string, string>>;

interface Template {
  /** What stands before, between and after the holes. */
  readonly words: readonly string[];
  /** Numbers of the holes, in the order in which they stand. */
  readonly holes: readonly number[];
  readonly translation: string;
  /** It has no words of its own, as `{0} ({1})`, and would fit anything. */
  readonly isBare: boolean;
  /** Its words are somebody else's, whose sentences go on where ours would end: what was filled in is no clause. */
  readonly isForeign: boolean;
}

const maxDepth = 3;
/** What is longer, or has lines, is an output and no part of a sentence. */
const maxPartLength = 500;

/**
 * Makes what translates a sentence of ours, or one of `foreign`, those that others are known to say: by the template that it was made from, the
 * one with the most words of its own where several fit. What was filled in stays, but for parts that are sentences themselves. `undefined`
 * for what has no translation, as the words of a solver or a registry.
 */
export function createTranslator(
  ours: SentenceCatalogue,
  foreign: SentenceCatalogue = {},
): (sentence: string) => string | undefined {
  const templates = [...templatesOf(ours, false), ...templatesOf(foreign, true)].sort(
    (a, b) => lengthOf(b.words) - lengthOf(a.words),
  );

  function translate(sentence: string, depth: number): string | undefined {
    for (const template of templates) {
      const found = valuesIn(sentence, template);
      if (found === undefined) continue;
      const told = found.map((value) => inner(value, depth + 1));
      if (template.isBare && told.every((value) => value === undefined)) continue;
      const values = new Map(template.holes.map((hole, at) => [hole, told[at] ?? found[at]!]));
      return template.translation.replaceAll(/\{(\d+)\}/g, (_, hole) => values.get(Number(hole))!);
    }
    return undefined;
  }

  /** A name is no sentence, whatever a template may be called. */
  function inner(value: string, depth: number): string | undefined {
    const isPart = /^[^\n]*\s[^\n]*$/.test(value) && value.length <= maxPartLength && depth <= maxDepth;
    return isPart ? translate(value, depth) : undefined;
  }

  return (sentence) => translate(sentence, 0);
}

function templatesOf(catalogue: SentenceCatalogue, isForeign: boolean): Template[] {
  return Object.entries(catalogue).map(([english, translation]) => {
    const words = english.split(/\{\d+\}/);
    const holes = [...english.matchAll(/\{(\d+)\}/g)].map(([, hole]) => Number(hole));
    return { words, holes, translation, isBare: !/\p{L}/u.test(words.join('')), isForeign };
  });
}

function lengthOf(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + word.length, 0);
}

/** What fills the holes, each as short as it can be; without going back, so that no text takes long. */
function valuesIn(sentence: string, { words, isForeign }: Template): readonly string[] | undefined {
  const [first, ...rest] = words as [string, ...string[]];
  const last = rest.pop();
  if (last === undefined) return sentence === first ? [] : undefined;
  if (!sentence.startsWith(first) || !sentence.endsWith(last)) return undefined;
  const values: string[] = [];
  const end = sentence.length - last.length;
  let at = first.length;
  for (const word of rest) {
    const next = sentence.indexOf(word, at);
    if (next < 0 || next + word.length > end) return undefined;
    values.push(sentence.slice(at, next));
    at = next + word.length;
  }
  if (at > end) return undefined;
  values.push(sentence.slice(at, end));
  return isForeign && values.some((value) => /, |\. /.test(value)) ? undefined : values;
}
