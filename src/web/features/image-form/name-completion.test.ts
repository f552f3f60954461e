import { CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PackageNames } from '../../data/package-lookup.ts';
import { channelsIn, nameCompletion, readName } from './name-completion.ts';

describe('a name that is being written', () => {
  it.each([
    ['pip', 'num', { written: 'num' }],
    ['pip', '  Scikit_l', { written: 'Scikit_l' }],
    ['conda', 'num', { written: 'num' }],
    ['conda', 'pytorch::to', { written: 'to', channel: 'pytorch' }],
    ['conda', 'https://conda.example.com/lab::to', { written: 'to', channel: 'https://conda.example.com/lab' }],
    ['conda', '-c pytorch --channel=nvidia to', { written: 'to' }],
    ['conda', '-c pytorch pytorch::to', { written: 'to', channel: 'pytorch' }],
    ['apt', 'lib', { written: 'lib' }],
    ['apt', 'git g++-1', { written: 'g++-1' }],
  ] as const)('of %s in %j is %j', (kind, line, expected) => {
    expect(readName(kind, line)).toEqual(expected);
  });

  it.each([
    ['pip', 'numpy=='],
    ['pip', 'numpy # num'],
    ['pip', '# num'],
    ['pip', '-r num'],
    ['pip', 'numpy, pan'],
    ['pip', 'pandas[exc'],
    ['pip', ''],
    ['conda', '-c pyt'],
    ['conda', 'numpy 1.'],
    ['conda', 'numpy[version'],
    ['apt', 'git # for'],
    ['apt', 'git=1'],
  ] as const)('of %s is not in %j', (kind, line) => {
    expect(readName(kind, line)).toBeUndefined();
  });
});

it('finds the channels that lines put first', () => {
  expect(
    channelsIn('numpy\n-c pytorch -c nvidia torch # -c no\n# -c nor\n --channel=lab x\n-c pytorch y\n-c '),
  ).toEqual(['pytorch', 'nvidia', 'lab']);
});

describe('names that are on their way', () => {
  afterEach(() => vi.useRealTimers());
  const named = (names: readonly string[], isComing: boolean): PackageNames => ({
    names: names.map((name) => ({ name })),
    isAll: true,
    isComing,
  });
  /** Names that are answered in turn, the last for good, to what is offered for `qu`; and how often was asked. */
  const offered = async (...answers: readonly PackageNames[]) => {
    vi.useFakeTimers();
    let asked = 0;
    const source = nameCompletion('conda', async () => answers[Math.min(asked++, answers.length - 1)]!);
    const found = Promise.resolve(source(new CompletionContext(EditorState.create({ doc: 'qu' }), 2, false)));
    await vi.runAllTimersAsync();
    const result = await found;
    return { result, names: result?.options.map(({ label }) => label), asked };
  };
  const afterMore = ({ update }: CompletionResult) => {
    const state = EditorState.create({ doc: 'qui' });
    return update!({} as CompletionResult, 0, 3, new CompletionContext(state, 3, false))?.options.map(
      (each) => each.label,
    );
  };

  it('are waited for, also where some are there', async () => {
    const all = await offered(named([], true), named(['quiet'], true), named(['quiet', 'quilt'], false));
    expect(all).toMatchObject({ names: ['quiet', 'quilt'], asked: 3 });
    expect(afterMore(all.result!)).toEqual(['quiet', 'quilt']);
  });

  it('keep nobody for long from those that are there, and are asked for again as one writes on', async () => {
    const some = await offered(named(['quiet'], true));
    expect(some).toMatchObject({ names: ['quiet'], asked: 5 });
    expect(afterMore(some.result!)).toBeUndefined();
  });

  it('are none, where they do not come', async () => {
    expect(await offered(named([], true))).toEqual({ result: null, names: undefined, asked: 61 });
  });
});
