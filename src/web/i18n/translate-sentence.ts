/** What the server says, by the English template: `There is no package "{0}"`. */
export type SentenceCatalogue = Readonly<Record<string, string>>;

interface Template {
  readonly pattern: RegExp;
  /** Numbers of the holes, in the order in which the pattern finds them. */
  readonly holes: readonly number[];
  readonly translation: string;
}

/**
 * Makes what translates a sentence of the server: by the template that it was made from, the one with the most words of its own where
 * several fit. What was filled in stays, but for parts that are sentences themselves. `undefined` for what has no translation, as the words
 * of a solver or a registry.
 */
export function createTranslator(catalogue: SentenceCatalogue): (sentence: string) => string | undefined {
  const templates = Object.entries(catalogue)
    .sort(([a], [b]) => ownWords(b) - ownWords(a))
    .map(([english, translation]) => ({ ...patternOf(english), translation }));

  function translate(sentence: string): string | undefined {
    for (const template of templates) {
      const match = template.pattern.exec(sentence);
      if (match !== null) return filled(template, match.slice(1));
    }
    return undefined;
  }

  function filled({ holes, translation }: Template, found: readonly string[]): string {
    const values = new Map(holes.map((hole, at) => [hole, found[at]!]));
    return translation.replaceAll(/\{(\d+)\}/g, (_, hole) => inner(values.get(Number(hole)) ?? ''));
  }

  /** A name is no sentence, whatever a template may be called. */
  function inner(value: string): string {
    return /\s/.test(value) ? (translate(value) ?? value) : value;
  }

  return translate;
}

/** How many characters of a template are its own. */
function ownWords(english: string): number {
  return english.replaceAll(/\{\d+\}/g, '').length;
}

function patternOf(english: string): Pick<Template, 'pattern' | 'holes'> {
  const holes: number[] = [];
  const source = english
    .split(/(\{\d+\})/)
    .map((part) => {
      const hole = /^\{(\d+)\}$/.exec(part)?.[1];
      if (hole === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      holes.push(Number(hole));
      return '([^]*?)';
    })
    .join('');
  return { pattern: new RegExp(`^${source}$`), holes };
}
