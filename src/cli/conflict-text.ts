import { printable } from './format-text.ts';
import type { SaidFields } from './image-options.ts';
import type { Image } from './image-text.ts';
import { formatTime } from './job-text.ts';

/** Both versions of what a refused edit wanted to change: the user's, and the one that stands on the server. */
export function conflictText(
  { version, fields }: { readonly version: number; readonly fields: SaidFields },
  current: Image,
): string {
  const yours = flatten(fields);
  const now = flatten(current);
  const differing = Object.keys(yours).filter((field) => yours[field] !== (now[field] ?? ''));
  const head = `Your edit is of version ${version}; version ${current.version} of ${formatTime(current.updatedAt)} stands.`;
  if (differing.length === 0) return `${head} It says the same as your edit.`;
  return [
    head,
    ...differing.flatMap((field) => [
      `  ${field.replace(/^spec\./, '')}`,
      ...block('yours', yours[field]!),
      ...block('now', now[field] ?? ''),
    ]),
  ].join('\n');
}

function block(label: string, text: string): string[] {
  const lines = text === '' ? ['(nothing)'] : text.trimEnd().split('\n');
  return lines.map((line, index) => `    ${(index === 0 ? label : '').padEnd(5)}  ${printable(line)}`.trimEnd());
}

/** Texts by dotted path: `spec.packages.pip`. */
function flatten(value: object, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, each]) => {
      const path = `${prefix}${name}`;
      if (each === null || each === undefined) return { [path]: '' };
      if (Array.isArray(each)) return { [path]: [...each].sort().join(', ') };
      return typeof each === 'object' ? flatten(each, `${path}.`) : { [path]: String(each) };
    }),
  );
}
