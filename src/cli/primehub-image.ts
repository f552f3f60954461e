import type { z } from 'zod';
import { newImageSchema } from '../api/images.ts';
import { type Ecosystem, ecosystems } from '../spec/image-spec.ts';
import { shortened } from '../spec/shortened.ts';
import { joinEntries } from './primehub-packages.ts';
import { type Key, type Place, type Reader, Refusal } from './resource-reader.ts';

/** The body of a new image, and the line of each of its fields: `packages.pip:3` of the third line of that list. */
export interface Taken {
  readonly body: z.input<typeof newImageSchema>;
  readonly lines: ReadonlyMap<string, number>;
}

const types: Readonly<Record<string, 'cpu' | 'gpu' | 'universal'>> = { cpu: 'cpu', gpu: 'gpu', both: 'universal' };

/** Makes a new image of an `Image`. Throws a refusal. */
export function takeImage(reader: Reader, name: string): Taken {
  const known = ['displayName', 'description', 'type', 'url', 'urlForGpu', 'pullSecret', 'groupName', 'imageSpec'];
  reader.others(['spec'], known, () => 'nothing here is like it');
  const typed = reader.text(['spec', 'type']) ?? 'both';
  const type = Object.hasOwn(types, typed) ? types[typed]! : undefined;
  if (type === undefined)
    throw reader.refusal(['spec', 'type'], `Its type is "${shortened(typed)}", not cpu, gpu or both`);
  const group = reader.text(['spec', 'groupName']) ?? null;
  const about = {
    name,
    displayName: reader.text(['spec', 'displayName']) ?? '',
    description: reader.text(['spec', 'description']) ?? '',
    type,
    ownerGroup: group,
  };
  const lines = new Map(known.map((field) => [fieldNames[field] ?? field, reader.lineOf(['spec', field])]));
  return reader.has(['spec', 'imageSpec']) ? readCustom(reader, about, lines) : readExisting(reader, about, lines);
}

/** Where a field has another name here. */
const fieldNames: Readonly<Record<string, string>> = {
  urlForGpu: 'gpuUrl',
  groupName: 'ownerGroup',
  imageSpec: 'spec',
};

type About = Pick<z.input<typeof newImageSchema>, 'name' | 'displayName' | 'description' | 'type' | 'ownerGroup'>;

function readExisting(reader: Reader, about: About, lines: ReadonlyMap<string, number>): Taken {
  const url = reader.text(['spec', 'url']);
  if (url === undefined) {
    throw reader.refusal(
      ['spec'],
      'It has neither a url nor an imageSpec: there is nothing to pull and nothing to build',
    );
  }
  const urlForGpu = reader.text(['spec', 'urlForGpu']) ?? url;
  const hasOwnGpuUrl = urlForGpu !== url && about.type === 'universal';
  if (urlForGpu !== url && !hasOwnGpuUrl) {
    reader.skip(['spec', 'urlForGpu'], `only a universal image has one, and this one's type is ${about.type}`);
  }
  const gpuUrl = hasOwnGpuUrl ? urlForGpu : null;
  const pullSecret = secretOf(reader, ['spec', 'pullSecret']);
  return { body: { ...about, kind: 'existing', url, gpuUrl, pullSecret }, lines };
}

function readCustom(reader: Reader, about: About, lines: ReadonlyMap<string, number>): Taken {
  for (const field of ['url', 'urlForGpu', 'pullSecret']) {
    if (reader.text(['spec', field]) === undefined) continue;
    reader.skip(['spec', field], 'it is of what PrimeHub built; the image is built here anew');
  }
  reader.mapping(['spec', 'imageSpec']);
  return readSpec(reader, { about, path: ['spec', 'imageSpec'], lines });
}

/** Makes a new image of an `ImageSpec`. Throws a refusal. */
export function takeImageSpec(reader: Reader, name: string): Taken {
  const about = { name, displayName: '', description: '', type: 'universal', ownerGroup: null } as const;
  return readSpec(reader, { about, path: ['spec'], lines: new Map() });
}

interface SpecPlace {
  readonly about: About;
  readonly path: readonly Key[];
  readonly lines: ReadonlyMap<string, number>;
}

function readSpec(reader: Reader, { about, path, lines: known }: SpecPlace): Taken {
  reader.others(path, ['baseImage', 'pullSecret', 'packages'], (field) =>
    field === 'cancel' || field === 'updateTime'
      ? 'it told PrimeHub what to do with its last build'
      : 'nothing here is like it',
  );
  const base = reader.text([...path, 'baseImage']);
  if (base === undefined) throw reader.refusal(path, 'It has no baseImage');
  const pullSecret = secretOf(reader, [...path, 'pullSecret']);
  const place = [...path, 'packages'];
  if (reader.has(place)) {
    reader.mapping(place);
    reader.others(place, ecosystems, () => 'only apt, conda and pip are known');
  }
  const lines = new Map(known);
  lines.set('base', reader.lineOf([...path, 'baseImage']));
  lines.set('pullSecret', reader.lineOf([...path, 'pullSecret']));
  lines.set('packages', reader.lineOf(place));
  const packages = { apt: '', conda: '', pip: '' };
  for (const ecosystem of ecosystems) {
    packages[ecosystem] = readPackages(reader, { ecosystem, path: [...place, ecosystem], lines });
  }
  if (ecosystems.every((ecosystem) => packages[ecosystem] === '')) {
    throw reader.refusal(place, 'It asks for no package, so there is nothing to build');
  }
  return { body: { ...about, kind: 'custom', spec: { base, packages }, pullSecret }, lines };
}

/** What an entry must be made of for PrimeHub not to leave it out when it builds. */
const builtByPrimeHub = /^[a-zA-Z0-9\-_:=.]+$/;

interface PackagesPlace {
  readonly ecosystem: Ecosystem;
  readonly path: readonly Key[];
  /** Takes the line of the file of each line. */
  readonly lines: Map<string, number>;
}

function readPackages(reader: Reader, { ecosystem, path, lines }: PackagesPlace): string {
  const field = `packages.${ecosystem}`;
  lines.set(field, reader.lineOf(path));
  const entries = reader.texts(path);
  const joined = joinEntries(ecosystem, entries);
  for (const [index, { text, entries: parts }] of joined.entries()) {
    const first = [...path, parts[0]!];
    lines.set(`${field}:${index + 1}`, reader.lineOf(first));
    if (parts.length > 1) {
      const typed = parts.map((part) => `"${shortened(entries[part]!)}"`).join(', ');
      reader.note(
        first,
        `${field}: ${typed} is one line again, "${shortened(text)}": PrimeHub split lines at their spaces`,
      );
    }
    const unseen = parts.map((part) => entries[part]!).filter((entry) => !builtByPrimeHub.test(entry));
    if (unseen.length > 0) {
      const told = unseen.map((entry) => `"${shortened(entry)}"`).join(', ');
      reader.note(first, `${field}: PrimeHub left ${told} out of the build without a word; here it counts`);
    }
  }
  const channel = joined.findIndex(({ text }) => ecosystem === 'conda' && /^(?:-c|--channel)\b/.test(text));
  if (channel >= 0 && joined.length > 1) {
    const place = [...path, joined[channel]!.entries[0]!];
    reader.note(place, `${field}: in PrimeHub a channel counted for the whole list, here it counts for its own line`);
  }
  return joined.map(({ text }) => text).join('\n');
}

function secretOf(reader: Reader, path: readonly Key[]): string | null {
  const name = reader.text(path);
  if (name === undefined) return null;
  reader.note(path, `The pull secret "${shortened(name)}" is not in the file: the server must have one of that name`);
  return name;
}

/** What a server would refuse for its form alone is refused here, where its line is known. */
export function checkTaken({ body, lines }: Taken, place: Place): void {
  const parsed = newImageSchema.safeParse(body);
  if (parsed.success) return;
  const { path, message } = parsed.error.issues[0]!;
  const field = path.join('.').replace(/^spec\./, '');
  const line = field === 'name' ? place.lineOf(['metadata', 'name']) : (lines.get(field) ?? place.lineOf([]));
  throw new Refusal(line, `Its ${field} cannot be taken over: ${message}`);
}
