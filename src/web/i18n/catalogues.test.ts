import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';
import { nodesOf, type SyntaxNode } from '../../../test/syntax-nodes.ts';
import type { Catalogue } from './catalogue.ts';
import { en } from './en/index.ts';
import { zhTW } from './zh-TW/index.ts';

const page = resolve(import.meta.dirname, '..');
const files = globSync('{app,features,data,ui}/**/*.{ts,tsx}', { cwd: page })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file, program: parse(file) }));

describe('the texts of the page', () => {
  it('are the same in every language: keys, plural forms and what is filled in', () => {
    const english = textsOf(en);
    const chinese = textsOf(zhTW);
    const expected = [...english.keys()].filter((key) => !key.endsWith('_one'));
    expect([...chinese.keys()].sort()).toEqual(expected.sort());
    for (const [key, text] of chinese) expect([key, holesOf(text)]).toEqual([key, holesOf(english.get(key)!)]);
  });

  it('have both forms of every English plural', () => {
    const keys = [...textsOf(en).keys()];
    const lacking = keys.filter((key) => key.endsWith('_one') && !keys.includes(key.replace(/_one$/, '_other')));
    expect(lacking).toEqual([]);
  });

  it('are Chinese in the Chinese catalogue', () => {
    const same = [...textsOf(zhTW)].filter(([key, text]) => /[a-z]{3}/i.test(text) && textsOf(en).get(key) === text);
    // Names that are the same in both.
    expect(same.map(([, text]) => text).filter((text) => !properNames.has(text))).toEqual([]);
  });

  it('are all used', () => {
    const used = files.flatMap(({ program }) => keyTexts(program));
    const isUsed = (key: string) => {
      const path = key.slice(key.indexOf('.') + 1).replace(/_(?:one|other)$/, '');
      return used.some((text) => {
        const wanted = text.slice(text.indexOf(':') + 1);
        return wanted === path || (wanted.endsWith('*') && wanted !== '*' && path.startsWith(wanted.slice(0, -1)));
      });
    };
    // `errors` is used by the codes that the server sends.
    expect([...textsOf(en).keys()].filter((key) => !key.startsWith('errors.') && !isUsed(key))).toEqual([]);
  });

  it.each(files.filter(({ file }) => file.endsWith('.tsx')))('are not written in $file itself', ({ program }) => {
    expect(hardCodedTexts(program)).toEqual([]);
  });
});

const properNames = new Set(['Imagewright', 'API', 'CPU', 'GPU', 'APT', 'Conda', 'Pip', 'Python']);
const spokenAttributes = new Set(['title', 'label', 'placeholder', 'alt', 'aria-label', 'text', 'confirmText']);

function parse(file: string): SyntaxNode {
  const { program, errors } = parseSync(file, readFileSync(join(page, file), 'utf8'));
  expect(errors).toEqual([]);
  return program as unknown as SyntaxNode;
}

/** Every text that may be a key; of a template, what stands before its first hole, and a star. */
function keyTexts(program: SyntaxNode): string[] {
  return [...nodesOf(program)].flatMap((node) => {
    if (node.type === 'Literal' && typeof node.value === 'string') return [node.value];
    if (node.type !== 'TemplateLiteral') return [];
    const [first] = node.quasis as readonly { readonly value: { readonly cooked: string } }[];
    return [`${first!.value.cooked}*`];
  });
}

/** Words that a reader would see and no translator would. */
function hardCodedTexts(program: SyntaxNode): string[] {
  const hasWord = (text: string) => /\p{L}{2}/u.test(text);
  return [...nodesOf(program)].flatMap((node) => {
    if (node.type === 'JSXText' && hasWord(String(node.value))) return [String(node.value).trim()];
    if (node.type !== 'JSXAttribute') return [];
    const { name, value } = node as {
      name?: { name?: string };
      value?: { type: string; value?: unknown };
    } & SyntaxNode;
    const isSpoken = spokenAttributes.has(name?.name ?? '') && value?.type === 'Literal';
    return isSpoken && hasWord(String(value.value)) ? [`${name?.name}="${value.value}"`] : [];
  });
}

/** By their dotted keys: `ui.state.Failed`. */
function textsOf(catalogue: Catalogue, prefix = ''): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(catalogue).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...textsOf(value, `${prefix}${key}.`)],
    ),
  );
}

function holesOf(text: string): string[] {
  return [...text.matchAll(/\{\{\w+\}\}/g)].map(([hole]) => hole).sort();
}
