import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';
import { createTranslator } from './translate-sentence.ts';
import { sentences } from './zh-TW/sentences/index.ts';

const source = resolve(import.meta.dirname, '../..');
/** What the server says; the command line speaks English. */
const templates = new Set(
  globSync('**/*.ts', { cwd: source })
    .filter((file) => !/^(?:cli|web)\/|\.(?:test|contract|fixture)\.ts$|\/testdata\//.test(file))
    .flatMap(templatesOf),
);

describe('the sentences of the server', () => {
  it('are found where they are said', () => {
    expect(templates).toContain('There is no package "{0}" in the package index');
    expect(templates.size).toBeGreaterThan(900);
  });

  it('have a translation each, and no translation is of another', () => {
    expect([...templates].filter((english) => !(english in sentences))).toEqual([]);
    expect(Object.keys(sentences).filter((english) => !templates.has(english))).toEqual([]);
  });

  it('are filled in with the same in both languages, and translated', () => {
    const holes = (text: string) => [...new Set(text.match(/\{\d+\}/g))].sort();
    const others = Object.entries(sentences).filter(([english, chinese]) => {
      const kept = holes(chinese);
      const isWhole = holes(english).every((hole) => kept.includes(hole));
      return (
        !isWhole ||
        kept.some((hole) => !holes(english).includes(hole)) ||
        (/[a-z]{4}/.test(english) && english === chinese)
      );
    });
    expect(others.map(([english]) => english)).toEqual([]);
  });

  it('are known again when they are filled in', () => {
    const translate = createTranslator(sentences);
    const filledIn = (text: string) => text.replaceAll(/\{(\d+)\}/g, (_, hole) => `wert${hole}`);
    const wrong = Object.entries(sentences)
      .map(([english, chinese]) => [filledIn(english), filledIn(chinese)] as const)
      .filter(([english, chinese]) => translate(english) !== chinese);
    expect(wrong).toEqual([]);
  });
});

describe('createTranslator', () => {
  const translate = createTranslator({
    'There is no package "{0}"': '沒有套件「{0}」',
    '{0} cannot be built: it needs {1}': '無法建置 {0}：它需要 {1}',
    'the header {0}': '標頭檔 {0}',
    '{0} answers {1}': '{0} 回應 {1}',
    '{0} of {1}': '{1} 的 {0}',
  });

  it('puts what was filled in where the translation wants it', () => {
    expect(translate('There is no package "numpyy"')).toBe('沒有套件「numpyy」');
    expect(translate('2 of 3')).toBe('3 的 2');
  });

  it('translates sentences within sentences, but no names', () => {
    expect(translate('psycopg2 2.9 cannot be built: it needs the header Python.h')).toBe(
      '無法建置 psycopg2 2.9：它需要 標頭檔 Python.h',
    );
    expect(createTranslator({ 'a {0}': '甲 {0}', layers: '層' })('a layers')).toBe('甲 layers');
  });

  it('leaves what it does not know to others', () => {
    expect(translate('Because only numpy<=2.5 is available')).toBeUndefined();
    expect(translate('There is no package "a"!')).toBeUndefined();
  });

  it('takes texts of any kind, with line breaks and what patterns are made of', () => {
    expect(translate('$& (.*)\nline answers 404')).toBe('$& (.*)\nline 回應 404');
  });
});

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** All that a file says: `There is no package "{0}"`. */
function templatesOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  if (!text.includes('say`')) return [];
  const { program, errors } = parseSync(file, text);
  expect(errors).toEqual([]);
  return [...nodesOf(program)].flatMap((node) => {
    if (node.type !== 'TaggedTemplateExpression' || (node.tag as { name?: string }).name !== 'say') return [];
    const { quasis } = node.quasi as { quasis: readonly { readonly value: { readonly cooked: string } }[] };
    return [quasis.map(({ value }) => value.cooked).reduce((said, part, at) => `${said}{${at - 1}}${part}`)];
  });
}

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const each of value) yield* nodesOf(each);
  } else if (typeof value === 'object' && value !== null) {
    if ('type' in value) yield value as Node;
    for (const each of Object.values(value)) yield* nodesOf(each);
  }
}
