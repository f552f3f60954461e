import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findCommand, run, SetupError, say } from '../run.mjs';

/** Of August 2026: the suite that is told by the environment what to ask for, and knows the digest headers and the tag parameter. */
const version = 'v0.0.0-20260831232431-97274622c111';
const suite = 'github.com/opencontainers/distribution-spec/conformance';

/** Makes `.tools/oci-conformance-<version>/conformance`, the suite of distribution-spec, with Go, 1.24 or newer. Without Go it is left out, and so is its test. */
export const installConformance = (root) => {
  const target = join(root, `.tools/oci-conformance-${version}/conformance`);
  if (existsSync(target)) return;
  const go = findCommand('go', ['/usr/local/go/bin']);
  if (go === undefined) {
    say("there is no Go, so the OCI's conformance suite is left out: install Go 1.24 or newer to run it");
    return;
  }
  say("making the OCI's conformance suite with Go, into .tools");
  const env = { ...process.env, GOBIN: dirname(target), CGO_ENABLED: '0' };
  if (run(go, ['install', `${suite}@${version}`], { env })) return;
  throw new SetupError('the conformance suite could not be made; the messages stand above.');
};
