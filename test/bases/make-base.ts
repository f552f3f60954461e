import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Buildah, Container } from '../buildah.ts';
import { openBuildah } from '../buildah.ts';
import { hostNetwork } from '../host-network.ts';
import { kept } from '../kept.ts';
import { runCommand } from '../run-command.ts';
import {
  type BaseName,
  type BaseRecipe,
  type CPythonPrefix,
  cpythonBuilder,
  cpythonPrefixes,
  cpythonScript,
  recipes,
} from './recipes.ts';

/** Gives the directory of a base as an OCI layout (tag `latest`); makes it, and what it stands on, on the first call. */
export async function makeBase(name: BaseName): Promise<string> {
  const recipe = recipes[name];
  return kept(`base-${name}-${keyOf(recipe)}`, async (target) => {
    // Parents first, and outside of this storage, which is to hold one base only.
    const tar = recipe.cpython && (await makeCPython(recipe.cpython));
    if (typeof recipe.from === 'string') await makeBase(recipe.from);
    await using buildah = await openBuildah();
    await using container = await beginContainer(buildah, recipe);
    if (tar) await buildah.call('add', '--quiet', container.id, tar, '/');
    if (recipe.script) await container.shell(recipe.script, hostNetwork());
    await runCommand('rm', ['-rf', join(container.root, 'tmp/host-trust')]);
    if (recipe.config) await container.config(...recipe.config);
    await buildah.push(await buildah.commit(container), `oci:${target}:latest`);
  });
}

async function beginContainer(buildah: Buildah, recipe: BaseRecipe): Promise<Container> {
  if (typeof recipe.from === 'string') return buildah.fromLayout(await makeBase(recipe.from));
  const container = await buildah.from('scratch');
  await runCommand('sh', [
    '-c',
    'mmdebstrap --quiet --variant=minbase --include="$1" "$2" - | tar --numeric-owner --xattrs --xattrs-include="*" -xf - -C "$3"',
    'sh',
    recipe.from.packages.join(','),
    recipe.from.suite,
    container.root,
  ]);
  return container;
}

/** Gives a tar with `.<prefix>/…`. */
export async function makeCPython(prefix: CPythonPrefix): Promise<string> {
  const directory = await kept(`cpython-${digestOf(cpythonSource())}`, async (target) => {
    const builder = await makeBase(cpythonBuilder);
    await using buildah = await openBuildah();
    await using container = await buildah.fromLayout(builder);
    await mkdir(target);
    await container.run(['sh', '-c', cpythonScript, 'sh', ...cpythonPrefixes], {
      mounts: { '/out': target },
      variables: hostNetwork().variables,
      timeoutMs: 900_000,
    });
  });
  return join(directory, `${prefix.replaceAll('/', '')}.tar`);
}

function keyOf(recipe: BaseRecipe): string {
  const below = typeof recipe.from === 'string' ? keyOf(recipes[recipe.from]) : '';
  const source = recipe.cpython ? cpythonSource() : [];
  return digestOf([recipe, below, source]);
}

function cpythonSource(): readonly unknown[] {
  return [cpythonScript, cpythonPrefixes, keyOf(recipes[cpythonBuilder])];
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
