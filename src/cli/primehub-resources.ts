import type { Document, LineCounter } from 'yaml';
import type { z } from 'zod';
import type { newImageSchema } from '../api/images.ts';
import { shortened } from '../spec/shortened.ts';
import { checkTaken, takeImage, takeImageSpec } from './primehub-image.ts';
import { createReader, isRecord, type Key, type Place, Refusal } from './resource-reader.ts';

/** An image of PrimeHub as a server of ours takes it. */
export interface PrimeHubImage {
  readonly name: string;
  /** `Image` or `ImageSpec` */
  readonly kind: string;
  /** Line of the file where the resource begins. */
  readonly line: number;
  readonly body: z.input<typeof newImageSchema>;
  /** Line of the file that a field of `body` comes from: `packages.pip` and its third line, `url`. */
  lineOf(field: string, line?: number): number;
}

/** Something of the file that becomes something else, or nothing. */
export interface PrimeHubNotice {
  readonly line: number;
  /** `Image pytorch` */
  readonly resource: string;
  readonly message: string;
}

export interface PrimeHubFile {
  readonly images: readonly PrimeHubImage[];
  /** Resources that ought to be images and cannot. */
  readonly refused: readonly (PrimeHubNotice & { readonly kind: string; readonly name: string })[];
  readonly notices: readonly PrimeHubNotice[];
}

/**
 * Reads PrimeHub's `Image` and `ImageSpec` resources from YAML or JSON: several documents, lists, or both. Everything of them is taken
 * over or told of, with its line.
 */
export async function readPrimeHubFile(text: string): Promise<PrimeHubFile> {
  const { LineCounter, parseAllDocuments } = await import('yaml');
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter, schema: 'core', prettyErrors: false, logLevel: 'silent' });
  const found = createFindings();
  for (const document of Array.isArray(parsed) ? parsed : []) readDocument(document, lineCounter, found);
  return withNamesOnce(found.file());
}

/** An `Image` that PrimeHub builds has an `ImageSpec` of its name, which says the same; any other name that comes twice is refused. */
function withNamesOnce({ images, refused, notices }: PrimeHubFile): PrimeHubFile {
  const found = createFindings();
  const kept = new Map<string, PrimeHubImage>();
  for (const image of [...images].sort((a, b) => a.kind.localeCompare(b.kind) || a.line - b.line)) {
    const { kind, name, line } = image;
    const first = kept.get(name);
    if (first === undefined) kept.set(name, image);
    else if (kind === 'ImageSpec' && first.kind === 'Image' && saysTheSame(first, image)) {
      found.note(
        { kind, name, line },
        `Left out: it is the part of the Image in line ${first.line} that PrimeHub built`,
      );
    } else {
      const message = `The ${first.kind} in line ${first.line} has this name already; give one of them another`;
      found.refuse({ kind, name, line, message });
    }
  }
  const more = found.file();
  return {
    images: [...kept.values()].sort((a, b) => a.line - b.line),
    refused: [...refused, ...more.refused],
    notices: [...notices, ...more.notices],
  };
}

function saysTheSame({ body: a }: PrimeHubImage, { body: b }: PrimeHubImage): boolean {
  return JSON.stringify([a.spec, a.pullSecret]) === JSON.stringify([b.spec, b.pullSecret]);
}

function readDocument(document: Document.Parsed, lineCounter: LineCounter, found: Findings): void {
  const [error] = document.errors;
  if (error !== undefined) {
    const line = lineCounter.linePos(error.pos[0]).line;
    const why = shortened(error.message.split('\n')[0]!);
    found.refuse({ kind: 'document', name: '', line, message: `It is not well-formed YAML: ${why}` });
    return;
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    const line = lineCounter.linePos(document.range[0]).line;
    found.refuse({ kind: 'document', name: '', line, message: 'It uses more YAML aliases than are read' });
    return;
  }
  // Nothing stands between two "---".
  if (value === null || value === undefined) return;
  readValue({ value, lineOf: (path) => lineOfPath(document, lineCounter, path) }, found);
}

function lineOfPath(document: Document.Parsed, lineCounter: LineCounter, path: readonly Key[]): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lineCounter.linePos(offset).line;
  }
  const start = (document.contents as Ranged | null)?.range?.[0] ?? document.range[0];
  return lineCounter.linePos(start).line;
}

interface Ranged {
  readonly range?: readonly [number, number, number] | null;
}

/** Of a mapping's entry the place of its key: a value may begin on a later line. */
function offsetOf(document: Document.Parsed, path: readonly Key[]): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true) as { items?: readonly unknown[] } | undefined;
  const last = path.at(-1)!;
  if (typeof last === 'number') return (parent?.items?.[last] as Ranged | undefined)?.range?.[0];
  const pairs = (parent?.items ?? []) as readonly { key?: Ranged & { value?: unknown } }[];
  return pairs.find(({ key }) => key?.value === last)?.key?.range?.[0];
}

function readValue(place: Place, found: Findings): void {
  const { value } = place;
  const line = place.lineOf([]);
  if (!isRecord(value)) {
    found.refuse({ kind: 'document', name: '', line, message: 'It is not a resource of Kubernetes' });
    return;
  }
  const { apiVersion, kind, items } = value;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    for (const [index, item] of items.entries()) readValue(within(place, item, ['items', index]), found);
    return;
  }
  const name = isRecord(value.metadata) && typeof value.metadata.name === 'string' ? value.metadata.name : '';
  const shownKind = typeof kind === 'string' ? shortened(kind) : 'resource';
  const resource = { kind: shownKind, name, line };
  if (typeof apiVersion !== 'string' || !apiVersion.startsWith('primehub.io/') || !isImageKind(kind)) {
    found.note(resource, 'Left out: only Image and ImageSpec of primehub.io are images');
    return;
  }
  if (apiVersion !== 'primehub.io/v1alpha1') {
    const message = `Its apiVersion is ${shortened(apiVersion)}; only primehub.io/v1alpha1 is known`;
    found.refuse({ ...resource, message });
    return;
  }
  if (name === '') found.refuse({ ...resource, message: 'It has no metadata.name' });
  else readResource(place, resource, found);
}

function isImageKind(kind: unknown): kind is 'Image' | 'ImageSpec' {
  return kind === 'Image' || kind === 'ImageSpec';
}

function within(place: Place, value: unknown, prefix: readonly Key[]): Place {
  return { value, lineOf: (path) => place.lineOf([...prefix, ...path]) };
}

interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly line: number;
}

function readResource(place: Place, resource: Resource, found: Findings): void {
  const reader = createReader(place, (line, message) => found.note({ ...resource, line }, message));
  try {
    reader.others([], ['apiVersion', 'kind', 'metadata', 'spec', 'status'], () => 'nothing here is like it');
    reader.others(['metadata'], ['name'], (field) =>
      field === 'namespace' ? 'there are no namespaces here' : 'Kubernetes keeps it for itself',
    );
    if (reader.has(['status'])) reader.skip(['status'], 'what PrimeHub built stays in its registry');
    const taken = resource.kind === 'Image' ? takeImage(reader, resource.name) : takeImageSpec(reader, resource.name);
    checkTaken(taken, place);
    const { body, lines } = taken;
    found.add({
      ...resource,
      body,
      lineOf: (field, line) => lines.get(line === undefined ? field : `${field}:${line}`) ?? resource.line,
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    found.refuse({ ...resource, line: error.line, message: error.message });
  }
}

interface Findings {
  add(image: PrimeHubImage): void;
  refuse(refused: Resource & { readonly message: string }): void;
  note(resource: Resource, message: string): void;
  file(): PrimeHubFile;
}

function createFindings(): Findings {
  const images: PrimeHubImage[] = [];
  const refused: (Resource & PrimeHubNotice)[] = [];
  const notices: PrimeHubNotice[] = [];
  const resourceName = ({ kind, name }: Resource) => (name === '' ? kind : `${kind} ${name}`);
  return {
    add: (image) => void images.push(image),
    refuse: (each) => void refused.push({ ...each, resource: resourceName(each) }),
    note: (resource, message) => void notices.push({ line: resource.line, resource: resourceName(resource), message }),
    file: () => ({ images, refused, notices }),
  };
}
