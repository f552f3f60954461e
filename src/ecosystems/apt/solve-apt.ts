import { BuilderError, type Problem } from '../../errors.ts';
import type { LockedDeb } from '../../lock/lock.ts';
import type { Room } from '../../sandbox/sandbox.ts';
import { type Sentence, say } from '../../sentence.ts';
import { type AptRequest, aptOperand, aptProblem } from './apt-line.ts';
import { type AptLists, type AptTools, aptOptions } from './apt-room.ts';
import { type AptAnswer, askApt } from './ask-apt.ts';
import { nearPackages } from './near-packages.ts';
import { readSimulation, readUris, type SimulatedInstall } from './read-apt-output.ts';
import { namesIn, parseStanzas, type Stanza } from './stanzas.ts';

export interface AptSolution {
  readonly packages: readonly LockedDeb[];
  readonly satisfied: readonly { readonly name: string; readonly version: string }[];
}

export interface SolveContext extends Pick<AptTools, 'limits'> {
  readonly room: Room;
  readonly lists: AptLists;
  readonly signal: AbortSignal;
}

const install = ['install', '--yes', '--no-install-recommends'];

/** Lets apt say what the requests mean on top of the base; all that it knows comes from the base and the lists. */
export async function solveApt(
  requests: readonly AptRequest[],
  context: SolveContext,
): Promise<AptSolution | { readonly problems: readonly Problem[] }> {
  const operands = [...new Set(requests.map(aptOperand))];
  const simulated = await ask(['apt-get', ...aptOptions, '--simulate', ...install, '--', ...operands], context);
  const { installs, removes } = readSimulation(simulated.stdout);
  if (simulated.exitCode !== 0 || removes.length > 0) {
    return { problems: await problemsOf(requests, simulated, context) };
  }
  const satisfied = simulated.stdout.flatMap((line) => {
    const match = /^(\S+) is already the newest version \(([^)]+)\)/.exec(line);
    return match === null ? [] : [{ name: match[1]!, version: match[2]! }];
  });
  if (installs.length === 0) return { packages: [], satisfied };
  const uris = await ask(['apt-get', ...aptOptions, '--print-uris', ...install, '--', ...operands], context);
  const wanted = installs.map(({ name, architecture, version }) => `${name}:${nativeOr(architecture)}=${version}`);
  const shown = await ask(['apt-cache', ...aptOptions, 'show', '--', ...wanted.map(withoutNative)], context);
  return {
    packages: lockDebs(requests, {
      installs,
      urls: readUris(uris.stdout),
      stanzas: parseStanzas(shown.stdout.join('\n')),
    }),
    satisfied,
  };
}

function ask(argv: readonly string[], { room, lists, limits, signal }: SolveContext): Promise<AptAnswer> {
  const timeoutMs = Math.min(limits.timeoutMs, 120_000);
  return askApt(room, { argv, mounts: lists.mounts, limits: { ...limits, timeoutMs }, signal });
}

/** `all` is no architecture that apt could be asked for. */
function nativeOr(architecture: string): string {
  return architecture === 'all' ? '' : architecture;
}

function withoutNative(operand: string): string {
  return operand.replace(':=', '=');
}

interface Found {
  readonly installs: readonly SimulatedInstall[];
  readonly urls: readonly string[];
  readonly stanzas: readonly Stanza[];
}

function lockDebs(requests: readonly AptRequest[], { installs, urls, stanzas }: Found): LockedDeb[] {
  const described = installs.map((each) => {
    const { name, version, architecture } = each;
    const candidates = stanzas.filter(
      (stanza) =>
        stanza.get('package') === name &&
        stanza.get('version') === version &&
        stanza.get('architecture') === architecture,
    );
    for (const stanza of candidates) {
      const url = urls.find((one) => decodeURIComponent(one).endsWith(`/${stanza.get('filename')}`));
      if (url !== undefined && stanza.has('sha256')) return { each, url, stanza };
    }
    throw new Error(`apt would install ${name} ${version}, but does not say where it is and what its sha256 is`);
  });
  return described
    .map(({ each: { name, version, architecture }, url, stanza }): LockedDeb => {
      const names = new Set([name, ...namesIn(stanza.get('provides'))]);
      const needs = described.filter(({ each, stanza: other }) => each.name !== name && dependsOn(other, names));
      return {
        ecosystem: 'apt',
        name,
        version,
        architecture,
        url,
        sha256: stanza.get('sha256')!,
        sizeBytes: Number(stanza.get('size')),
        requestedBy: requests.filter((request) => names.has(request.name)).map(({ line }) => line.text),
        requiredBy: [...new Set(needs.map(({ each }) => each.name))].sort(),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.architecture < b.architecture ? -1 : 1));
}

function dependsOn(stanza: Stanza, names: ReadonlySet<string>): boolean {
  return ['pre-depends', 'depends'].some((field) => namesIn(stanza.get(field)).some((name) => names.has(name)));
}

async function problemsOf(
  requests: readonly AptRequest[],
  { stdout, stderr }: AptAnswer,
  context: SolveContext,
): Promise<readonly Problem[]> {
  const lines = [...stderr, ...stdout];
  const missing = new Set(lines.flatMap((line) => notFoundIn(line) ?? []));
  const noVersion = new Set(
    lines.flatMap((line) => /^E: Version '[^']*' for '([^']+)' was not found/.exec(line)?.[1] ?? []),
  );
  const isAmong = (names: ReadonlySet<string>, request: AptRequest) =>
    names.has(request.name) || names.has(`${request.name}:${request.architecture}`);
  const absent = requests.filter((request) => isAmong(missing, request));
  const unversioned = requests.filter((request) => isAmong(noVersion, request) && request.version !== undefined);
  const near = await nearNames(absent, context);
  const versions = await versionsOf(unversioned, context);
  const found = [
    ...absent.map((request) =>
      aptProblem(request.line, {
        code: 'package-not-found',
        message:
          request.architecture === undefined
            ? say`The sources of the base have no package "${request.name}"`
            : say`The sources of the base have no package "${request.name}" for ${request.architecture}`,
        hint: near.get(request.name),
      }),
    ),
    ...unversioned.map((request) =>
      aptProblem(request.line, {
        code: 'version-not-found',
        message: say`The sources of the base have no version ${request.version} of ${request.name}`,
        hint: versions.get(request.name),
      }),
    ),
  ];
  return found.length > 0 ? found.sort((a, b) => a.line! - b.line!) : [conflictOf(requests, lines)];
}

function notFoundIn(line: string): string | undefined {
  return /^E: (?:Unable to locate package (\S+)|Package '([^']+)' has no installation candidate)/
    .exec(line)
    ?.slice(1)
    .find(Boolean);
}

async function nearNames(absent: readonly AptRequest[], context: SolveContext): Promise<ReadonlyMap<string, Sentence>> {
  if (absent.length === 0) return new Map();
  const { stdout: known } = await ask(['apt-cache', ...aptOptions, 'pkgnames'], context);
  return new Map(
    absent.flatMap(({ name }) => {
      const near = nearPackages(name, known);
      return near.length === 0 ? [] : [[name, say`Did you mean ${near.map((each) => `"${each}"`).join(' or ')}?`]];
    }),
  );
}

async function versionsOf(
  requests: readonly AptRequest[],
  context: SolveContext,
): Promise<ReadonlyMap<string, Sentence>> {
  if (requests.length === 0) return new Map();
  const names = requests.map(({ name }) => name);
  const { stdout } = await ask(['apt-cache', ...aptOptions, 'madison', '--', ...names], context);
  const rows = stdout.map((line) => line.split('|').map((part) => part.trim()));
  return new Map(
    names.flatMap((name) => {
      const versions = [...new Set(rows.filter(([first]) => first === name).map(([, version]) => version!))];
      return versions.length === 0 ? [] : [[name, say`There is ${versions.slice(0, 5).join(', ')}.`]];
    }),
  );
}

/** What apt says when each package is there, but not all of them together. */
function conflictOf(requests: readonly AptRequest[], lines: readonly string[]): Problem {
  const reasons = lines
    .filter((line) => /^ \S+ : |^ {4,}(?:Pre)?(?:Depends|Conflicts|Breaks|Recommends)|^Remv |^E: /.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^E: |^Remv (\S+).*/, (all, name) =>
          name === undefined ? all.slice(3) : `${name} of the base would be removed`,
        ),
    )
    .slice(0, 12);
  if (reasons.length === 0) throw notSolved(lines);
  const named = requests.find(({ name }) =>
    reasons.some((reason) => reason.startsWith(`${name} : `) || reason.startsWith(`${name}:`)),
  );
  return aptProblem((named ?? requests[0]!).line, {
    code: 'conflict',
    message: say`apt cannot install the packages together: ${reasons.join('; ')}`,
    hint: say`Leave one of them out, or ask for another version.`,
  });
}

function notSolved(lines: readonly string[]): BuilderError {
  const told = lines.filter((line) => line.trim() !== '').at(-1) ?? 'it did not say why';
  return new BuilderError('resolver-failed', say`apt could not say what the lines mean: ${told}`);
}
