import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryCommand } from '../run-command.ts';
import { type ServedImagewright, serveImagewright } from '../serve-imagewright.ts';

/*
 * The OCI's own suite against the whole service. All that it can ask is on but for sparse manifests: those are manifests whose parts
 * are missing, which a registry may refuse, and which ours does, so that what can be pulled is whole.
 */

const [suite] = globSync(resolve(import.meta.dirname, '../../.tools/oci-conformance-*/conformance'));
if (suite === undefined) console.log('skipped: there was no Go to make the conformance suite of the OCI with');

const token = 'iw_conformance-administrator-token';
let directory: string;
let served: Readonly<Record<'open' | 'tokens', ServedImagewright>>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conformance-'));
  const serve = (access: string) =>
    serveImagewright(join(directory, access), {
      IMAGEWRIGHT_REGISTRY_ACCESS: access,
      IMAGEWRIGHT_ADMIN_TOKEN: token,
    });
  served = { open: await serve('open'), tokens: await serve('tokens') };
});
afterAll(async () => {
  for (const each of Object.values(served)) await each[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe.skipIf(suite === undefined)('distribution-spec', () => {
  it.each([
    ['1.1', 'open'],
    ['1.1', 'tokens'],
    ['dev', 'open'],
  ] as const)('version %s is what the registry speaks when its access is %s', async (version, access) => {
    const { exitCode, stdout, stderr } = await tryCommand(suite!, [], {
      cwd: directory,
      env: {
        OCI_REGISTRY: new URL(served[access].url).host,
        OCI_TLS: 'disabled',
        ...(access === 'tokens' && { OCI_USERNAME: 'anybody', OCI_PASSWORD: token }),
        OCI_VERSION: version,
        OCI_REPO1: `conformance/one-${version}`,
        OCI_REPO2: `conformance/two-${version}`,
        OCI_RESULTS_DIR: join(directory, `results-${version}-${access}`),
        OCI_API_BLOBS_DIGEST_HEADER: 'true',
        OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
        OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
        OCI_API_MANIFESTS_TAG_PARAM: 'true',
      },
    });
    const summary = stdout.slice(stdout.indexOf('OCI Conformance Result'));
    console.log(summary);
    const failures = stdout.split('\n').filter((line) => /: (FAIL|Error)$/.test(line));
    expect(failures, `${summary}\n${stderr}`).toEqual([]);
    expect(countsOf(summary)).toEqual({ Disabled: 0, Skip: 0, Pass: expect.any(Number), FAIL: 0, Error: 0 });
    expect(summary).toMatch(/^ +Sparse Manifests\.+: +Disabled$/m);
    expect(exitCode).toBe(0);
  });
});

/** The table of the report: `  Pass....: 980`. */
function countsOf(summary: string): Record<string, number> {
  const rows = [...summary.matchAll(/^ {2}(Disabled|Skip|Pass|FAIL|Error)\.*: +(\d+)$/gm)];
  return Object.fromEntries(rows.map(([, name, count]) => [name, Number(count)]));
}
