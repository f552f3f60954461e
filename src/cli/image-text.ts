import type { z } from 'zod';
import type { diffRevisions, imageSchema, lockedPackageSchema, revisionSchema } from '../api/images.ts';
import { formatBytes, formatTable, printable } from './format-text.ts';
import { cell, formatTime, packageLists } from './job-text.ts';

export type Image = z.output<typeof imageSchema>;
export type Revision = z.output<typeof revisionSchema>;
export type LockedPackage = z.output<typeof lockedPackageSchema>;
export type RevisionDifference = z.output<(typeof diffRevisions)['answer']>;

/** A row an image. */
export function imageTable(images: readonly Image[]): string {
  if (images.length === 0) return 'There are no images.';
  const rows = images.map(({ name, kind, type, status, revision, updatedAt, url }) => [
    name,
    kind,
    type,
    statusText({ kind, status }),
    revision ?? '-',
    formatTime(updatedAt),
    cell(url),
  ]);
  return formatTable([['NAME', 'KIND', 'TYPE', 'STATUS', 'REVISION', 'UPDATED', 'IMAGE'], ...rows]);
}

function statusText({ kind, status }: Pick<Image, 'kind' | 'status'>): string {
  return status ?? (kind === 'existing' ? '-' : 'never built');
}

/** All that is known of an image. */
export function imageText(image: Image): string {
  const { kind, type, spec, url, gpuUrl, pullSecret, revision, version } = image;
  const rows = [
    ['Name', image.name],
    ['Display name', cell(image.displayName)],
    ['Description', cell(image.description)],
    ['Kind', `${kind}, ${type}`],
    ['Seen by', seenBy(image)],
    ['Status', statusText(image)],
    ['Image', url === null ? 'nothing to pull yet' : cell(url)],
    ...(gpuUrl === null ? [] : [['Image for GPU', cell(gpuUrl)]]),
    ...(kind === 'custom' ? [['Revision', revision ?? '-']] : []),
    ...(spec === null ? [] : [['Base', cell(spec.base)]]),
    ...(spec?.cuda === undefined ? [] : [['CUDA', cell(spec.cuda)]]),
    ...(pullSecret === null ? [] : [['Pull secret', pullSecret]]),
    ['Version', String(version)],
    ['Created', `${formatTime(image.createdAt)} by ${cell(image.createdBy)}`],
    ['Updated', formatTime(image.updatedAt)],
  ];
  const lists = spec === null ? '' : packageLists(spec.packages);
  return lists === '' ? formatTable(rows) : `${formatTable(rows)}\n\n${lists}`;
}

function seenBy({ isGlobal, groups, ownerGroup }: Image): string {
  if (isGlobal) return `everyone${ownerGroup === null ? '' : `; kept by group ${ownerGroup}`}`;
  const all = [...new Set([...(ownerGroup === null ? [] : [ownerGroup]), ...groups])];
  if (all.length === 0) return 'administrators';
  return `${all.length === 1 ? 'group' : 'groups'} ${all.map((group) => printable(group)).join(', ')}`;
}

/** A row a revision. */
export function revisionTable(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return 'Nothing was built yet.';
  const rows = revisions.map(({ revision, isInForce, number, packages, createdAt, imageUrl }) => [
    revision,
    isInForce ? 'in force' : '',
    String(number),
    String(packages.length),
    formatTime(createdAt),
    cell(imageUrl),
  ]);
  return formatTable([['REVISION', '', 'JOB', 'PACKAGES', 'BUILT', 'IMAGE'], ...rows]);
}

/** A line a package: `+` added, `-` removed, `~` in another version. */
export function differenceText({ base, added, removed, changed }: RevisionDifference): string {
  const lines = [
    ...(base === null ? [] : [['~', 'base', cell(base.from), `→ ${cell(base.to)}`]]),
    ...added.map((each) => ['+', each.ecosystem, each.name, each.version]),
    ...removed.map((each) => ['-', each.ecosystem, each.name, each.version]),
    ...changed.map(({ from, to }) => ['~', to.ecosystem, to.name, versionChange(from, to)]),
  ];
  if (lines.length === 0) return 'No difference.';
  return formatTable(lines.map((line) => line.map((each) => printable(each))));
}

function versionChange(from: LockedPackage, to: LockedPackage): string {
  return from.version === to.version ? `${to.version}, another file` : `${from.version} → ${to.version}`;
}

/** A row a package: what would be added to the base, and why. */
export function lockedTable(packages: readonly LockedPackage[]): string {
  if (packages.length === 0) return 'The base has everything already.';
  const rows = packages.map((locked) => {
    const { ecosystem, name, version, sizeBytes } = locked;
    return [ecosystem, name, version, formatBytes(sizeBytes), cell(whyText(locked))];
  });
  return formatTable([['KIND', 'NAME', 'VERSION', 'SIZE', 'WHY'], ...rows]);
}

/** `asked for: pandas>=2`, `needed by pandas; built from source` */
export function whyText({
  requestedBy,
  requiredBy,
  isBuilt,
}: {
  readonly requestedBy: readonly string[];
  readonly requiredBy: readonly string[];
  readonly isBuilt: boolean;
}): string {
  const why = requestedBy.length > 0 ? `asked for: ${requestedBy.join(', ')}` : `needed by ${requiredBy.join(', ')}`;
  return isBuilt ? `${why}; built from source` : why;
}
