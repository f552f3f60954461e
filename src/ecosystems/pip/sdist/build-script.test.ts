import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSdist, type SdistRecipe } from '../../../../test/make-sdist.ts';
import { makeWheel, wheelFilename } from '../../../../test/package-index.ts';
import { tryCommand } from '../../../../test/run-command.ts';
import { defaultUvPath } from '../uv.ts';
import { type BuildOrder, buildScript } from './build-script.ts';

const python = join(dirname(defaultUvPath), 'python');
const helper = {
  name: 'helper',
  files: {
    'helper.py': 'def main(): print("helped")\n',
    'helper-1.0.data/scripts/shout': '#!python\nimport helper\nhelper.main()\n',
  },
  scripts: { 'help-it': 'helper:main' },
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'build-script-'));
  await writeFile(join(directory, wheelFilename(helper)), makeWheel(helper));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function run(recipe: Omit<SdistRecipe, 'name'>, order: Partial<BuildOrder> = {}) {
  const { filename, bytes } = makeSdist({ name: 'thing', ...recipe });
  const source = join(directory, filename);
  await writeFile(source, bytes);
  const work = join(directory, 'work');
  const told: BuildOrder = {
    work,
    source,
    wheels: [join(directory, wheelFilename(helper))],
    backend: 'own',
    backendPath: ['.'],
    goal: 'describe',
    isComplete: false,
    epochSeconds: 315_619_200,
    ...order,
  };
  const env = { PATH: process.env.PATH, PYTHONPATH: '/nowhere', PIP_INDEX_URL: 'https://example.com' };
  const result = await tryCommand(python, ['-I', '-c', buildScript, JSON.stringify(told)], { env });
  const answer = await readFile(join(work, 'out', 'answer.json'), 'utf8').then(JSON.parse, () => undefined);
  return { ...result, answer, left: await readdir(work) };
}

describe('the program that builds', () => {
  it('says what a source is', async () => {
    const { answer, left } = await run({ requires: ['a>=1'] });
    expect(answer).toEqual({ metadata: expect.stringContaining('Requires-Dist: a>=1') });
    expect(left.sort()).toEqual(['answer.json', 'out']);
  });

  it('says what else a build needs, unless all of it is there', async () => {
    expect((await run({ asksFor: ['b'] })).answer).toEqual({ requires: ['b'] });
    expect((await run({ asksFor: ['b'] }, { isComplete: true })).answer).toMatchObject({ metadata: expect.anything() });
  });

  it('builds a wheel in an environment of the wheels given, and of nothing else', async () => {
    const whenBuilt = `import helper, subprocess, sys
helper.main()
subprocess.check_call(["help-it"])
subprocess.check_call(["shout"])
subprocess.check_call(["python", "-c", "import helper, sys; print(sys.prefix)"])
print(sorted(name for name in os.environ if name.startswith(("PIP", "PYTHON"))))
print(os.environ["HOME"], os.getcwd(), [path for path in sys.path if "dist-packages" in path])`;
    const { answer, stdout } = await run({ whenBuilt }, { goal: 'build', isComplete: true });
    expect(answer).toEqual({ wheel: 'thing-1.0-py3-none-any.whl' });
    const work = join(directory, 'work');
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      ...['helped', 'helped', 'helped', join(work, 'env')],
      "['PYTHONDONTWRITEBYTECODE', 'PYTHONHASHSEED', 'PYTHONNOUSERSITE', 'PYTHONUNBUFFERED']",
      `${work}/home ${work}/source/thing-1.0 []`,
    ]);
  });

  it('ends as a hook does, with its output', async () => {
    const { exitCode, stderr, answer } = await run({ whenAsked: 'raise RuntimeError("no")' });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('RuntimeError: no');
    expect(answer).toBeUndefined();
  });
});
