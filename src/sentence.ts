declare const marked: unique symbol;

/**
 * Words that people read. They are English wherever they are said, kept and sent; the page shows them in its own language where it has a
 * translation, and finds that by the template: `There is no package "{0}"`. See docs/decisions/0018-sentences.md.
 */
export type Sentence = string & { readonly [marked]: true };

type Value = string | number | null | undefined;

/** Says a sentence, or a part of one that is put into another; each way of saying it has a translation. */
export function say(texts: TemplateStringsArray, ...values: readonly Value[]): Sentence {
  return texts.reduce((said, text, at) => `${said}${values[at - 1]}${text}`) as Sentence;
}

/** Passes on what somebody else says (a solver, a registry, a system), which has no translation. */
export function quoted(text: string): Sentence {
  return text as Sentence;
}

/** `a, b, c`, or of many the first ones: `a, b, c and 4 more`. */
export function listed(items: readonly string[], most: number): Sentence {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? say`${shown} and ${items.length - most} more` : quoted(shown);
}
