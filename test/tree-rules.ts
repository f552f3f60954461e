import type { Tree } from './tree-comparison.ts';

/** A difference between what pip or rattler leave and what an Imagewright image shows that is meant to be. */
export interface TreeRule {
  /** Paths, as a reader of the docs sees them. */
  readonly where: string;
  readonly difference: string;
  readonly reason: string;
  /** Whether that path is left out of the comparison, on whichever side it stands. */
  readonly ignores?: (path: string, tree: Tree) => boolean;
  /** What of a file's content is compared; `undefined` where the rule does not speak of that path. */
  readonly normalises?: (path: string, content: Buffer) => Buffer | undefined;
  /** Which mode is compared in place of a file's own; `undefined` where the rule does not speak of it. */
  readonly normalisesMode?: (path: string, content: Buffer) => string | undefined;
}

/** All that may differ. docs/tree-differences.md shows this list, and nothing else is allowed anywhere. */
export const treeRules: readonly TreeRule[] = [
  {
    where: '`__pycache__/<module>.*.pyc`, where `<module>.py` stands beside `__pycache__`',
    difference: 'Not in our layers unless the spec says `compileBytecode`; pip makes them unless told `--no-compile`.',
    reason:
      "They take longer to make than all else of a build. Python makes them at need. Ours hold a hash of the source where pip's hold its time stamp, so they are the same bytes in each build.",
    ignores: isCompiledModule,
  },
  {
    where: '`*.dist-info/INSTALLER`',
    difference: '`imagewright` in the place of `pip`.',
    reason: 'The file says who installed the distribution.',
    normalises: (path) => (/\.dist-info\/INSTALLER$/.test(path) ? Buffer.alloc(0) : undefined),
  },
  {
    where: '`*.dist-info/RECORD`',
    difference: 'The hash and size of `INSTALLER`; no lines for `.pyc` files.',
    reason: 'It lists the files above.',
    normalises: (path, content) => (/\.dist-info\/RECORD$/.test(path) ? comparableRecord(content) : undefined),
  },
  {
    where: '`/root/.cache/**`, `/tmp/*`',
    difference: 'Only in a container in which pip ran.',
    reason: "pip's downloads and temporary files are not part of what it installs.",
    ignores: (path) => path.startsWith('/tmp/') || /^\/root\/\.cache(\/|$)/.test(path),
  },
  {
    where: '`conda-meta/*.json`',
    difference: 'Written otherwise; that they tell the same is compared apart, by rattler reading both.',
    reason:
      "rattler's name directories of its cache, leave out hashes that are the same, and are for their owner alone.",
    ignores: (path) => /\/conda-meta\/[^/]+\.json$/.test(path),
  },
  {
    where: '`conda-meta/history`',
    difference: "Tells what was asked for and what was added, as conda's does.",
    reason: "rattler's is empty. conda reads there which packages somebody asked for.",
    normalises: (path) => (/\/conda-meta\/history$/.test(path) ? Buffer.alloc(0) : undefined),
  },
  {
    where: '`bin/<program>` of a noarch package',
    difference: 'Indented by spaces and not writable for the group.',
    reason: 'So conda writes what an entry point asks for; rattler indents by a tab, with mode 775.',
    normalises: (_path, content) => (isEntryPoint(content) ? withoutTabs(content) : undefined),
    normalisesMode: (_path, content) => (isEntryPoint(content) ? 'as is' : undefined),
  },
  {
    where: '`__clobbers__/**` in an environment, `CACHEDIR.TAG` beside its `conda-meta`',
    difference: 'Only where rattler installed.',
    reason:
      'It keeps what lost against a file of another package, and marks environments for backup programs. conda does neither.',
    ignores: isKeptByRattler,
  },
  {
    where: 'every path',
    difference: 'The time of the last change.',
    reason: 'Layers hold no times of their build, so that the same package is the same bytes.',
  },
];

function isCompiledModule(path: string, tree: Tree): boolean {
  const compiled = /^(.*)\/__pycache__\/([^/.]+)\.[^/]+\.pyc$/.exec(path);
  if (compiled) return tree.has(`${compiled[1]}/${compiled[2]}.py`);
  // The directory goes with what it holds: one that is left over, without a source, is a difference.
  if (!path.endsWith('/__pycache__')) return false;
  const names = tree.get(path)?.names ?? [];
  return names.length > 0 && names.every((name) => isCompiledModule(`${path}/${name}`, tree));
}

/** By the lines that conda and rattler begin it with. */
function isEntryPoint(content: Buffer): boolean {
  return /^#![^\n]*\n(?:[^\n]*\n)?# -\*- coding: utf-8 -\*-\nimport re\nimport sys\n\nfrom /.test(
    content.toString('latin1', 0, 1000),
  );
}

function withoutTabs(content: Buffer): Buffer {
  return Buffer.from(content.toString('latin1').replaceAll('\t', '    '), 'latin1');
}

function isKeptByRattler(path: string, tree: Tree): boolean {
  const [, prefix] = /^(.*)\/(?:__clobbers__(?:\/.*)?|CACHEDIR\.TAG)$/.exec(path) ?? [];
  return prefix !== undefined && tree.has(`${prefix}/conda-meta`);
}

function comparableRecord(content: Buffer): Buffer {
  const lines = content.toString('utf8').split('\n');
  const kept = lines.filter((line) => !/(^|\/)__pycache__\/[^/]+\.pyc,/.test(line));
  return Buffer.from(kept.map((line) => line.replace(/(\.dist-info\/INSTALLER),[^\r]*/, '$1,,')).join('\n'));
}

/** The table of docs/tree-differences.md. */
export function renderTreeRules(rules: readonly TreeRule[] = treeRules): string {
  const rows = rules.map(({ where, difference, reason }) => `| ${where} | ${difference} | ${reason} |`);
  return ['| where | difference | why |', '|---|---|---|', ...rows].join('\n');
}
