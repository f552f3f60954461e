import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';
import { nodesOf, type SyntaxNode } from '../../test/syntax-nodes.ts';
import { createTranslator } from './translate-sentence.ts';
import { sentences } from './zh-TW/index.ts';
import { solvers } from './zh-TW/solvers.ts';

const source = resolve(import.meta.dirname, '..');
/** What the server says; the command line speaks English. */
const files = globSync('**/*.ts', { cwd: source })
  .filter((file) => !/^(?:cli|web)\/|\.(?:test|contract|fixture)\.ts$|\/testdata\//.test(file))
  .map((file) => ({ file, sayings: sayingsIn(file) }));
const templates = new Set(files.flatMap(({ sayings }) => sayings.map(templateOf)));

describe('the sentences of the server', () => {
  it('are found where they are said', () => {
    expect(templates).toContain('There is no package "{0}" in the package index');
    expect(templates.size).toBeGreaterThan(900);
  });

  it('have no words in them that are not said', () => {
    expect(files.flatMap(unsaidWords)).toEqual([]);
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
    // Those without words of their own are known by the sentences in them.
    const wrong = Object.entries(sentences)
      .filter(([english]) => /[a-z]{2}/i.test(english))
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

  it('does not take the words of others for ours', () => {
    const full = createTranslator(sentences, solvers);
    for (const foreign of [
      'E: Unable to locate package foo',
      'gcc: fatal error: no input files',
      'toomanyrequests: You have reached your pull rate limit (see https://example.com)',
      'Because only numpy<=2.5 is available and you require numpy>=99, we can conclude that a is b.',
    ]) {
      expect(full(foreign)).toBeUndefined();
    }
    expect(full('numpy>=99 (from a) is missing')).toBe('缺少 numpy>=99 (from a)');
    expect(full('Because only numpy<=2.5.5 is available and you require numpy>=99.')).toMatch(/^只有 numpy/);
    expect(full('The wheel a.whl cannot be installed: its METADATA says that it is "b 1"')).toBe(
      '無法安裝 wheel a.whl：它的 METADATA 自稱是「b 1」',
    );
  });

  it('does not think long about anything', () => {
    const full = createTranslator(sentences, solvers);
    const output = '  File "/usr/lib/a of b in c.py", line 3: error (in d): e of f\n'.repeat(2000);
    const started = performance.now();
    expect(full(output)).toBeUndefined();
    expect(full(`The bytecode of the pip packages cannot be compiled: ${output}`)).toContain('無法編譯');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

interface Saying extends SyntaxNode {
  readonly quasi: { readonly quasis: readonly Text[]; readonly expressions: readonly SyntaxNode[] };
}

interface Text {
  readonly value: { readonly cooked: string };
}

/** Each place of a file that says something. */
function sayingsIn(file: string): readonly Saying[] {
  const text = readFileSync(join(source, file), 'utf8');
  if (!text.includes('say`')) return [];
  const { program, errors } = parseSync(file, text);
  expect(errors).toEqual([]);
  return [...nodesOf(program)].filter(isSaying);
}

function isSaying(node: SyntaxNode): node is Saying {
  return node.type === 'TaggedTemplateExpression' && (node.tag as { name?: string }).name === 'say';
}

/** `There is no package "{0}"` */
function templateOf({ quasi }: Saying): string {
  return quasi.quasis.map(({ value }) => value.cooked).reduce((said, part, at) => `${said}{${at - 1}}${part}`);
}

/** What is put into a sentence as words, and is no sentence itself: it would stay English. */
function unsaidWords({ file, sayings }: (typeof files)[number]): readonly string[] {
  return sayings.flatMap(({ quasi }) =>
    [...nodesOf(quasi.expressions)].flatMap((node, _, all) => {
      const isSaid = all.some((each) => isSaying(each) && [...nodesOf(each)].includes(node));
      const words =
        node.type === 'Literal'
          ? String(node.value)
          : node.type === 'TemplateLiteral'
            ? (node.quasis as readonly Text[]).map(({ value }) => value.cooked).join('')
            : '';
      return !isSaid && /[a-z]{2} [a-z]{2}/.test(words) ? [`${file}: ${words}`] : [];
    }),
  );
}
