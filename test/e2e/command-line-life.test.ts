import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGroup } from '../../src/api/people.ts';
import { runWords } from '../../src/cli/run-cli.fixture.ts';
import { type ServiceBed, startServiceBed } from '../start-service.ts';

let bed: ServiceBed;
beforeAll(async () => {
  bed = await startServiceBed([
    { name: 'app', requires: ['lib>=1'] },
    { name: 'lib', version: '1.0' },
    { name: 'lib', version: '2.0' },
    { name: 'extra' },
  ]);
}, 60_000);
afterAll(() => bed[Symbol.asyncDispose]());

const env = () => ({ HOME: bed.directory, IMAGEWRIGHT_SERVER: bed.service.url, IMAGEWRIGHT_TOKEN: bed.token });
const run = (...words: string[]) => runWords(words, { env: env() });
const json = async (...words: string[]) => JSON.parse((await run(...words, '-o', 'json')).stdout);

async function spec(packages: string, { name = 'research' } = {}): Promise<string> {
  const path = join(bed.directory, 'SPEC.yaml');
  await writeFile(path, `name: ${name}\ndescription: For research\nbase: ${bed.base}\npackages:\n${packages}\n`);
  return path;
}

describe('the life of an image, from the command line', () => {
  it('begins with a build that is waited for', async () => {
    const path = await spec('  pip: |\n    app  # the tool\n\n    lib<2');
    const { exit, stdout, stderr } = await run('images', 'create', path, '--wait');
    expect(stderr).toMatch(/^Created research; research#1 builds it\n.*pip app 1\.0 .*\[Completed\] /s);
    expect(stdout).toMatch(/^127\.0\.0\.1:\d+\/research:[0-9a-f]{8}(?:@sha256:[0-9a-f]{64})?\n$/);
    expect(exit).toBe(0);
    const image = await json('images', 'get', 'research');
    expect(image).toMatchObject({ description: 'For research', type: 'universal', url: stdout.trim() });
    expect(image.spec.packages.pip).toBe('app  # the tool\n\nlib<2\n');
  });

  it('shows image, job and log', async () => {
    expect((await run('images', 'list', 'sear')).stdout).toMatch(
      /NAME +KIND[^\n]*\nresearch +custom +universal +Succeeded/,
    );
    expect((await run('images', 'list', 'nothing')).stdout).toBe('There are no images.\n');
    expect((await run('images', 'get', 'research')).stdout).toMatch(
      /Seen by +administrators\n.*pip:\n {2}app {2}# the tool\n\n {2}lib<2/s,
    );
    expect((await run('jobs', 'list', 'research')).stdout).toMatch(/research#1 +Succeeded +create/);
    expect((await run('jobs', 'get', 'research#1', '-o', 'yaml')).stdout).toMatch(
      /^id: [0-9a-f-]{36}\nimage: research\n/,
    );
    const whole = await run('jobs', 'logs', 'research#1');
    const followed = await run('jobs', 'logs', '-f', 'research');
    expect(whole.stdout).toMatch(/\[Step: base\].*\[Completed\] [^\n]*\n$/s);
    expect(followed).toEqual({ exit: 0, stdout: whole.stdout, stderr: 'research#1 has ended: Succeeded\n' });
    const { stdout: tail } = await run('jobs', 'logs', 'research', '--tail', '2');
    expect(tail).toBe(`${whole.stdout.split('\n').slice(-3).join('\n')}`);
    expect((await run('jobs', 'logs', 'research', '--tail', '2', '-f')).stdout).toBe(tail);
  });

  it('tells what a spec means, and what is wrong with it at its line', async () => {
    const right = await run('preflight', await spec('  pip: [extra]'), '--compare-with', 'research');
    expect(right.stdout).toMatch(/^Revision [0-9a-f]{8}: 1 package in 1 layer.*pip +extra +1\.0.*\n- +pip +app +1\.0/s);
    const wrong = await run('preflight', await spec('  pip: [app, "lib>5"]'));
    expect(wrong.exit).toBe(3);
    expect(wrong.stderr).toMatch(/packages\.pip, line 2: lib>5/);
    const bad = await run('preflight', await spec('  pip:\n  - a b c'), '-o', 'json');
    expect(JSON.parse(bad.stdout)).toMatchObject({ type: 'error', problems: [{ field: 'packages.pip', line: 1 }] });
  });

  it('changes with an edit, and refuses one that is out of date with both versions', async () => {
    const edited = await run('images', 'edit', 'research', await spec('  pip: [app, extra]'), '--wait');
    expect(edited).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining('Changed research to version 2; research#2'),
    });
    const described = await run('images', 'edit', 'research', '--description', 'For teaching');
    expect(described).toMatchObject({ exit: 0, stderr: 'Changed research to version 3\n' });
    const stale = await run('images', 'edit', 'research', await spec('  pip: [lib]'), '--version', '1');
    expect(stale.exit).toBe(2);
    expect(stale.stderr).toMatch(
      /yours {2}For research\n +now +For teaching.*yours {2}lib\n +now +app\n +extra.*error: /s,
    );
  });

  it('shows what two revisions differ in, and rolls back', async () => {
    const [newer, older] = await json('images', 'revisions', 'research');
    const difference = await run('images', 'diff', 'research', older.revision, newer.revision);
    expect(difference.stdout).toBe('+  pip  extra  1.0\n~  pip  lib    1.0 → 2.0\n');
    const back = await run('images', 'rollback', 'research', older.revision, '--wait');
    expect(back).toMatchObject({ exit: 0, stdout: `${older.imageUrl}\n` });
    const rebuilt = await json('images', 'rebuild', 'research', '--no-cache', '--wait');
    expect(rebuilt).toMatchObject({ job: { state: 'Succeeded', noCache: true }, image: { name: 'research' } });
  });

  it('ends as its job ends', async () => {
    const path = await spec('  pip:\n  - app\n  - no-such-thing');
    const { exit, stdout, stderr } = await run('images', 'edit', 'research', path, '--wait');
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' });
    expect(stderr).toMatch(/error: research#5 failed in step lock: .*packages\.pip, line 2: no-such-thing/s);
    expect((await run('jobs', 'get', 'research')).stdout).toMatch(/Cause +package-not-found/);
    expect((await run('jobs', 'cancel', 'research')).stderr).toContain('has ended already');
  });

  it('ends with deletion', async () => {
    const refused = await run('images', 'delete', 'research');
    expect(refused).toMatchObject({ exit: 2, stderr: expect.stringContaining('Say --yes.') });
    expect(await run('images', 'delete', 'research', '--yes')).toEqual({
      exit: 0,
      stdout: '',
      stderr: 'Deleted research\n',
    });
    expect(await run('images', 'get', 'research')).toMatchObject({ exit: 5, stdout: '' });
    expect((await json('jobs', 'list')).map(({ image }: { image: string }) => image)).toContain('research');
  });

  it('lists an image that exists', async () => {
    const words = [
      'images',
      'create',
      'pytorch',
      '--url',
      'registry.example.com/pytorch:2.5',
      '--global',
      '--type',
      'gpu',
    ];
    expect(await run(...words)).toMatchObject({ exit: 0, stdout: 'registry.example.com/pytorch:2.5\n' });
    expect(await json('images', 'get', 'pytorch')).toMatchObject({ kind: 'existing', type: 'gpu', isGlobal: true });
    expect(await run(...words)).toMatchObject({ exit: 2, stderr: expect.stringContaining('already') });
  });
});

describe('pull secrets, from the command line', () => {
  const password = 'a password, seen nowhere';
  const create = (...words: string[]) =>
    runWords(['secrets', 'create', ...words], { env: env(), input: `${password}\n` });

  it('are kept, listed, changed and deleted, and never shown', async () => {
    const registry = ['--registry', 'registry.example.com:5000'];
    const made = await create('ours', ...registry, '--username', 'robot');
    expect(made).toMatchObject({ exit: 0, stderr: 'Created ours for registry.example.com:5000\n' });
    const { stdout } = await run('secrets', 'list', 'ours');
    expect(stdout).toMatch(/NAME +REGISTRY[^\n]*\nours +registry\.example\.com:5000 +robot +everybody +admin/);
    expect((await run('secrets', 'edit', 'ours', '-u', 'robot2')).stdout).toContain('robot2');
    expect(await run('secrets', 'edit', 'ours')).toMatchObject({ exit: 2 });
    // A password goes to no registry that it was not given for.
    expect(await run('secrets', 'edit', 'ours', '--registry', 'other.example.com')).toMatchObject({ exit: 2 });
    expect(await run('secrets', 'delete', 'ours')).toMatchObject({ exit: 2, stderr: expect.stringContaining('--yes') });
    expect(await run('secrets', 'delete', 'ours', '--yes')).toMatchObject({ exit: 0, stderr: 'Deleted ours\n' });
    expect((await run('secrets', 'list')).stdout).toBe('There are no pull secrets.\n');
    expect(JSON.stringify(made) + stdout).not.toContain(password);
  });

  it('come from a docker configuration, one for each registry', async () => {
    const file = join(bed.directory, 'config.json');
    const auth = Buffer.from(`robot:${password}`).toString('base64');
    await writeFile(file, JSON.stringify({ auths: { 'a.example.com': { auth }, 'b.example.com': { auth } } }));
    const { stdout } = await run('secrets', 'create', 'both', '--docker-config', file, '-o', 'json');
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual([
      'both-a-example-com',
      'both-b-example-com',
    ]);
    expect(await run('secrets', 'create', 'none')).toMatchObject({ exit: 2 });
  });
});

describe('the registry of a server, from the command line', () => {
  it('is shown, tried, set and forgotten', async () => {
    const { host } = new URL(bed.service.url);
    expect((await run('registry', 'get')).stdout).toContain('the embedded registry');
    expect((await run('registry', 'test')).stdout).toMatch(/may-push +ok/);
    const away = ['--prefix', `${host}/team`, '--plain-http'];
    expect((await run('registry', 'test', ...away)).stdout).toMatch(new RegExp(`${host}/team/example`));
    const wrong = await run('registry', 'test', '--prefix', '127.0.0.1:1/team', '--plain-http');
    expect(wrong).toMatchObject({ exit: 5, stdout: expect.stringMatching(/reachable +failed/) });
    expect((await run('registry', 'set', ...away)).stdout).toMatch(/Push prefix +[^\n]*\/team\nConnection +plain HTTP/);
    expect(await run('registry', 'set', '--plain-http')).toMatchObject({ exit: 2 });
    expect(await run('registry', 'forget', '--yes')).toMatchObject({ exit: 0 });
    expect((await run('registry', 'get')).stdout).toContain('the embedded registry');
  });
});

describe('import primehub', () => {
  const file = (pip: string) => `
apiVersion: v1
kind: List
items:
- apiVersion: primehub.io/v1alpha1
  kind: Image
  metadata: {name: tensorflow, uid: 1-2}
  spec: {type: both, url: "a.example/tf:1", urlForGpu: "a.example/tf:1-gpu", groupName: vision}
- apiVersion: primehub.io/v1alpha1
  kind: Image
  metadata: {name: taken-over, uid: 3-4}
  spec:
    displayName: Taken over
    imageSpec:
      baseImage: ${bed.base}
      packages:
        pip: ${pip}
`;
  const write = async (text: string) => {
    const path = join(bed.directory, 'primehub.yaml');
    await writeFile(path, text);
    return path;
  };

  it('says what it would do and changes nothing', async () => {
    const { exit, stdout, stderr } = await run('import', 'primehub', await write(file('[extra]')), '--dry-run');
    expect(stdout).toMatch(
      /^5 +Image +tensorflow +existing +would be created\n9 +Image +taken-over +custom +would be created$/m,
    );
    expect(stderr).toMatch(/primehub\.yaml:7,11: 2 resources: metadata\.uid is not taken over/);
    expect(stderr).toMatch(/primehub\.yaml:9: Image taken-over: .*--global/);
    expect(exit).toBe(0);
    expect(await json('images', 'list', 'taken')).toEqual([]);
    const away = { HOME: bed.directory, IMAGEWRIGHT_SERVER: 'http://127.0.0.1:1' };
    const offline = await runWords(['import', 'primehub', await write(file('[extra]')), '--dry-run'], { env: away });
    expect(offline).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining('which names are taken there is not known'),
    });
  });

  it('tells what the server refuses at the line of the file, and takes over the rest', async () => {
    await bed.client.call(createGroup, { body: { name: 'vision' } });
    const { exit, stdout, stderr } = await run('import', 'primehub', await write(file('[extra, -e, x]')), '--global');
    expect(exit).toBe(2);
    expect(stdout).toMatch(/tensorflow +existing +created\n.*taken-over +custom +failed$/m);
    expect(stderr).toMatch(/1 of 2 images could not be taken over\n {2}Image taken-over, packages\.pip, line 17: -e x/);
  });

  it('goes on where it was, and edits only when it is told to', async () => {
    const first = await run('import', 'primehub', await write(file('[extra]')), '--global');
    expect(first.stdout).toMatch(/tensorflow +existing +skipped: the name is taken\n.*taken-over +custom +created$/m);
    const before = await json('images', 'get', 'taken-over');
    expect(before).toMatchObject({ displayName: 'Taken over', isGlobal: true, ownerGroup: null });
    const second = await run('import', 'primehub', await write(file('[app]')), '--global', '--update');
    expect(second.stdout).toMatch(/tensorflow +existing +unchanged\n.*taken-over +custom +updated$/m);
    expect(await json('images', 'get', 'taken-over')).toMatchObject({ version: 2, spec: { packages: { pip: 'app' } } });
    expect(await json('images', 'get', 'tensorflow')).toMatchObject({
      ownerGroup: 'vision',
      gpuUrl: 'a.example/tf:1-gpu',
    });
  });

  it('refuses a file without an image', async () => {
    expect(await run('import', 'primehub', await write('kind: Pod\n'))).toMatchObject({ exit: 2 });
  });
});
