import type { ApiClient } from '../api/create-client.ts';
import { BuilderError, isBuilderError, type Problem } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { serverOptions } from './common-options.ts';
import { formatTable, printable } from './format-text.ts';
import { type ImportOptions, type ImportOutcome, importImage } from './import-images.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { type PrimeHubFile, type PrimeHubImage, type PrimeHubNotice, readPrimeHubFile } from './primehub-resources.ts';
import { readOperand } from './read-spec.ts';
import { openServer } from './server-connection.ts';

export const importPrimehubCommand: Command = {
  name: 'import primehub',
  summary: "Take over images from PrimeHub's Image and ImageSpec resources.",
  operands: 'FILE.yaml',
  arity: [1, 1],
  description: `
FILE.yaml is what "kubectl get images.primehub.io,imagespecs.primehub.io -o yaml" prints; "-" reads standard input. An image with an imageSpec
becomes a custom image and is built at once, any other an existing one. Everything that is not taken over, or means something else here, is
told with its line. Images whose name is taken are left as they are, so the import may be repeated; with --update they become what
the file says.

Who may use an image of no group stands in Keycloak, not in the file: with --global everyone may, else administrators.
docs/primehub.md tells more.`,
  options: {
    'dry-run': { type: 'boolean', description: 'Say what would be done, and change nothing.' },
    update: { type: 'boolean', description: 'Edit the images that exist already.' },
    global: { type: 'boolean', description: 'Everyone may use the images of no group.' },
    ...outputOptions,
    ...serverOptions,
  },
  examples: [
    'imagewright import primehub images.yaml --dry-run',
    'kubectl get images.primehub.io -n hub -o yaml | imagewright import primehub - --global',
  ],
  run: runImport,
};

async function runImport({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const { stdin, stdout, stderr } = context;
  const format = outputFrom(options);
  const [path] = positionals as [string];
  const file = withAccess(
    await readPrimeHubFile((await readOperand(path, stdin)).toString('utf8')),
    options.boolean('global'),
  );
  const name = path === '-' ? 'standard input' : path;
  for (const notice of noticeLines(file.notices, name)) stderr.write(`${notice}\n`);
  if (file.images.length === 0 && file.refused.length === 0) {
    throw new BuilderError('command-invalid', say`There is no Image and no ImageSpec of PrimeHub in ${name}`, {
      hint: say`Get them with: kubectl get images.primehub.io,imagespecs.primehub.io -o yaml`,
    });
  }
  const client = await openServer(options, context);
  const how = { update: options.boolean('update'), dryRun: options.boolean('dry-run') };
  const course = await importAll(client, { images: file.images, how }, stderr);
  const rows = [...course.rows, ...file.refused.map(refusedRow)].sort((a, b) => a.line - b.line);
  await printAnswer(stdout, format, { value: rows, table: (value) => summaryTable(value, how) });
  if (course.stopped !== undefined) throw course.stopped;
  throwIfIncomplete(file, course.failures);
}

function withAccess(file: PrimeHubFile, isGlobal: boolean): PrimeHubFile {
  const ofNoGroup = file.images.filter(({ body }) => !body.ownerGroup);
  const message = 'Who may use it is not in the file: only administrators see it, unless you say --global';
  const notices = isGlobal
    ? []
    : ofNoGroup.map(({ kind, name, line }) => ({ resource: `${kind} ${name}`, line, message }));
  const images = file.images.map((image) =>
    isGlobal && !image.body.ownerGroup ? { ...image, body: { ...image.body, isGlobal } } : image,
  );
  return { ...file, images, notices: [...file.notices, ...notices] };
}

/** What is told of several resources in the same words is told once, with all lines. */
function noticeLines(notices: readonly PrimeHubNotice[], name: string): readonly string[] {
  const byMessage = Map.groupBy(
    [...notices].sort((a, b) => a.line - b.line),
    ({ message }) => message,
  );
  return [...byMessage].map(([message, all]) => {
    const resources = new Set(all.map(({ resource }) => resource));
    const who = resources.size === 1 ? all[0]!.resource : `${resources.size} resources`;
    return printable(`${name}:${all.map(({ line }) => line).join(',')}: ${who}: ${message}`);
  });
}

/** A row of the summary, for people and for programs. */
interface ImportRow {
  readonly line: number;
  readonly resource: string;
  readonly name: string;
  readonly becomes: 'custom' | 'existing' | null;
  readonly outcome: ImportOutcome['outcome'] | 'refused' | 'not tried';
}

interface ImportCourse {
  readonly rows: readonly ImportRow[];
  readonly failures: readonly { readonly image: PrimeHubImage; readonly error: BuilderError }[];
  /** What kept the rest from being tried. */
  readonly stopped: unknown;
}

async function importAll(
  client: ApiClient,
  { images, how }: { readonly images: readonly PrimeHubImage[]; readonly how: ImportOptions },
  stderr: CommandContext['stderr'],
): Promise<ImportCourse> {
  const rows: ImportRow[] = [];
  const failures: { image: PrimeHubImage; error: BuilderError }[] = [];
  let stopped: unknown;
  for (const image of images) {
    let outcome: ImportRow['outcome'] = 'not tried';
    if (stopped === undefined) {
      try {
        const result = await importImage(client, image, how);
        outcome = result.outcome;
        if (result.outcome === 'failed') failures.push({ image, error: result.error });
      } catch (error) {
        stopped = error;
      }
    }
    rows.push({ ...rowOf(image), becomes: image.body.kind ?? 'custom', outcome });
  }
  if (stopped !== undefined && how.dryRun && isBuilderError(stopped, 'server-unavailable', 'unauthorized')) {
    stderr.write(`note: ${stopped.message}; which names are taken there is not known\n`);
    return { rows: rows.map((row) => ({ ...row, outcome: 'created' })), failures, stopped: undefined };
  }
  return { rows, failures, stopped };
}

function rowOf({
  line,
  kind,
  name,
}: {
  line: number;
  kind: string;
  name: string;
}): Omit<ImportRow, 'becomes' | 'outcome'> {
  return { line, resource: kind, name };
}

function refusedRow(refused: PrimeHubFile['refused'][number]): ImportRow {
  return { ...rowOf(refused), becomes: null, outcome: 'refused' };
}

const wouldBe: Readonly<Partial<Record<ImportRow['outcome'], string>>> = {
  created: 'would be created',
  updated: 'would be updated',
};

function summaryTable(rows: readonly ImportRow[], { dryRun }: ImportOptions): string {
  const texts = rows.map(({ line, resource, name, becomes, outcome }) => {
    const reason = outcome === 'skipped' ? 'skipped: the name is taken' : outcome;
    return [String(line), resource, printable(name) || '-', becomes ?? '-', (dryRun && wouldBe[outcome]) || reason];
  });
  return formatTable([['LINE', 'RESOURCE', 'NAME', 'BECOMES', 'OUTCOME'], ...texts]);
}

function throwIfIncomplete({ images, refused }: PrimeHubFile, failures: ImportCourse['failures']): void {
  const count = refused.length + failures.length;
  if (count === 0) return;
  const problems = [
    ...refused.map(({ resource, line, message }) => ({
      field: resource,
      line,
      code: 'refused',
      message: quoted(message),
    })),
    ...failures.flatMap(failureProblems),
  ].sort((a, b) => a.line - b.line);
  const code = failures[0]?.error.code ?? 'spec-invalid';
  throw new BuilderError(code, say`${count} of ${images.length + refused.length} images could not be taken over`, {
    hint: say`Mend them in the file and import it again: what was taken over is left as it is.`,
    problems,
  });
}

/** What the server says of an image, at the lines of the file that it is about. */
function failureProblems({ image, error }: ImportCourse['failures'][number]): (Problem & { readonly line: number })[] {
  const resource = `${image.kind} ${image.name}`;
  if (error.problems.length === 0) {
    const { code, message, hint } = error;
    return [{ field: resource, line: image.line, code, message, ...(hint !== undefined && { hint }) }];
  }
  return error.problems.map((problem) => {
    const field = problem.field.replace(/^spec\.(?=.)/, '');
    return { ...problem, field: `${resource}, ${field}`, line: image.lineOf(field, problem.line) };
  });
}
