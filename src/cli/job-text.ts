import type { Writable } from 'node:stream';
import { type Job, jobName } from './find-job.ts';
import { formatSeconds, formatTable, printable } from './format-text.ts';

/** `2026-03-01 09:30Z` */
export function formatTime(iso: string | null): string {
  return iso === null ? '-' : `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
}

/** Text from outside in one cell of a table. */
export function cell(text: string | null): string {
  return printable((text ?? '').replaceAll(/\s+/g, ' ').trim()) || '-';
}

/** A row a job. */
export function jobTable(jobs: readonly Job[]): string {
  if (jobs.length === 0) return 'There are no jobs.';
  const rows = jobs.map((job) => [
    jobName(job),
    job.state,
    job.reason,
    job.revision ?? '-',
    cell(job.requestedBy),
    formatTime(job.createdAt),
    tookText(job),
    job.id,
  ]);
  return formatTable([['JOB', 'STATE', 'REASON', 'REVISION', 'BY', 'CREATED', 'TOOK', 'ID'], ...rows]);
}

function limitsText({ timeoutMinutes, memoryMiB, diskMiB }: NonNullable<Job['limits']>): string {
  return `${timeoutMinutes} minutes, ${memoryMiB} MiB of memory, ${diskMiB} MiB of disk`;
}

/** All that is known of a job, its cause of failure first. */
export function jobText(job: Job): string {
  const { failure, progress, steps, spec, limits } = job;
  const head = [
    ['Job', jobName(job)],
    ['Id', job.id],
    ['State', job.state],
    ...(failure === null ? [] : [['Cause', `${failure.class}: ${cell(failure.message)}`]]),
    ...(progress === null
      ? []
      : [['Now', `${progress.step} ${progress.done}/${progress.total} ${cell(progress.message)}`]]),
    ['Reason', `${job.reason}${job.noCache ? ', without cache' : ''}`],
    ['By', cell(job.requestedBy)],
    ['Created', formatTime(job.createdAt)],
    ['Started', formatTime(job.startedAt)],
    ['Ended', formatTime(job.endedAt)],
    ['Took', tookText(job)],
    ...(limits === null ? [] : [['Limits', limitsText(limits)]]),
    ...(job.attempt > 1 ? [['Attempt', String(job.attempt)]] : []),
    ['Revision', job.revision ?? '-'],
    ['Image', cell(job.imageUrl)],
    ['Base', cell(spec.base)],
    ...(spec.cuda === undefined ? [] : [['CUDA', cell(spec.cuda)]]),
    ...(spec.pullSecret === null ? [] : [['Pull secret', spec.pullSecret]]),
  ];
  const stepRows = steps.map(({ step, seconds }) => [step, seconds === undefined ? '…' : formatSeconds(seconds)]);
  const sections = [formatTable(head)];
  if (failure !== null) sections.push(failureText(failure));
  if (steps.length > 0) sections.push(formatTable([['STEP', 'TOOK'], ...stepRows]));
  sections.push(packageLists(spec.packages));
  return sections.filter((section) => section !== '').join('\n\n');
}

function failureText({ problems, hint }: NonNullable<Job['failure']>): string {
  const lines = problems.flatMap(({ field, line, text, message, hint: what }) => [
    `${field}${line === undefined ? '' : `, line ${line}`}${text === undefined ? '' : `: ${text}`}`,
    ...message.split('\n').map((part) => `    ${part}`),
    ...(what === undefined ? [] : [`    → ${what}`]),
  ]);
  return printable([...lines, ...(hint === undefined ? [] : [`hint: ${hint}`])].join('\n'));
}

/** The package lists as typed, each under its name; lists without a line are left out. */
export function packageLists(packages: Job['spec']['packages']): string {
  return (['apt', 'conda', 'pip'] as const)
    .filter((ecosystem) => packages[ecosystem].trim() !== '')
    .map((ecosystem) =>
      [
        `${ecosystem}:`,
        ...packages[ecosystem]
          .trimEnd()
          .split('\n')
          .map((line) => `  ${printable(line)}`.trimEnd()),
      ].join('\n'),
    )
    .join('\n\n');
}

function tookText({ startedAt, endedAt }: Job): string {
  if (startedAt === null || endedAt === null) return '-';
  return formatSeconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
}

const colour = /(\x1b\[[0-9;:]*m)/;

/** A line of a log: on a terminal its colours act and other control characters are made visible, elsewhere it stays as it is. */
export function logLine(line: string, stream: Writable & { readonly isTTY?: boolean }): string {
  if (stream.isTTY !== true) return line;
  return line
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}
