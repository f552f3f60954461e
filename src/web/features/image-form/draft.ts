import type { CallOf } from '../../../api/create-client.ts';
import { type createImage, type editImage, imageNameSchema } from '../../../api/images.ts';
import { toPackageLines } from '../../../spec/package-lines.ts';
import type { Image } from '../../data/images.ts';
import type { Me } from '../../data/me.ts';

export type NewImage = CallOf<typeof createImage>['body'];
export type ImagePatch = CallOf<typeof editImage>['body'];

export const packageKinds = ['apt', 'conda', 'pip'] as const;
export type PackageKind = (typeof packageKinds)[number];
export type PackageTexts = Readonly<Record<PackageKind, string>>;

/** What stands in the form, whole or not. */
export interface Draft {
  readonly name: string;
  readonly kind: Image['kind'];
  readonly displayName: string;
  readonly description: string;
  readonly type: Image['type'];
  readonly isGlobal: boolean;
  readonly groups: readonly string[];
  /** `null`: the platform. */
  readonly ownerGroup: string | null;
  readonly base: string;
  /** Empty for none. */
  readonly cuda: string;
  readonly packages: PackageTexts;
  readonly compileBytecode: boolean;
  readonly url: string;
  readonly gpuUrl: string;
  readonly pullSecret: string | null;
}

/** A form nobody has written in: everybody sees what an administrator makes, a group's members what their administrator makes. */
export function emptyDraft({ isAdmin, groups }: Pick<Me, 'isAdmin' | 'groups'>): Draft {
  const managed = Object.keys(groups).filter((group) => groups[group] === 'admin');
  return {
    name: '',
    kind: 'custom',
    displayName: '',
    description: '',
    type: 'universal',
    isGlobal: isAdmin,
    groups: [],
    ownerGroup: isAdmin ? null : (managed[0] ?? null),
    base: '',
    cuda: '',
    packages: { apt: '', conda: '', pip: '' },
    compileBytecode: false,
    url: '',
    gpuUrl: '',
    pullSecret: null,
  };
}

/** The form of an image as it stands. */
export function draftOf(image: Image): Draft {
  const { apt, conda, pip } = image.spec?.packages ?? { apt: '', conda: '', pip: '' };
  const { name, kind, displayName, description, type, isGlobal, groups, ownerGroup, spec, pullSecret } = image;
  return {
    ...{ name, kind, displayName, description, type, isGlobal, groups, ownerGroup, pullSecret },
    base: spec?.base ?? '',
    cuda: spec?.cuda ?? '',
    packages: { apt, conda, pip },
    compileBytecode: spec?.compileBytecode ?? false,
    url: kind === 'existing' ? (image.url ?? '') : '',
    gpuUrl: image.gpuUrl ?? '',
  };
}

const sharedOf = ({ displayName, description, type, isGlobal, groups, ownerGroup, pullSecret }: Draft) => ({
  ...{ displayName: displayName.trim(), description, type, isGlobal, groups: [...groups], ownerGroup, pullSecret },
});

/** What is to be built, as it is sent. */
export const specOf = ({ base, cuda, packages, compileBytecode }: Draft) => ({
  base: base.trim(),
  ...(cuda.trim() !== '' && { cuda: cuda.trim() }),
  packages,
  ...(compileBytecode && { compileBytecode }),
});

const builtOf = (draft: Draft) => {
  const { kind, type, url, gpuUrl } = draft;
  return kind === 'custom'
    ? { spec: specOf(draft) }
    : { url: url.trim(), gpuUrl: type === 'universal' ? gpuUrl.trim() || null : null };
};

/** What is sent to make the image. */
export function newImageOf(draft: Draft): NewImage {
  return { name: draft.name, kind: draft.kind, ...sharedOf(draft), ...builtOf(draft) };
}

/** The fields that differ from the image as it stood when the form was opened; empty when nothing does. */
export function changedFields(draft: Draft, image: Image): Omit<ImagePatch, 'version'> {
  const now: Record<string, unknown> = { ...sharedOf(draft), ...builtOf(draft) };
  const before = draftOf(image);
  const then: Record<string, unknown> = { ...sharedOf(before), ...builtOf(before) };
  return Object.fromEntries(Object.entries(now).filter(([field, value]) => !isSame(value, then[field])));
}

/** Whether a change of these fields starts a job. */
export function startsJob(changed: Omit<ImagePatch, 'version'>, { kind }: Pick<Draft, 'kind'>): boolean {
  return kind === 'custom' && ('spec' in changed || 'pullSecret' in changed);
}

/** How many packages a text of lines asks for: blank lines and comments do not count, lines that cannot be read do. */
export function countPackages(text: string): number {
  const { lines, problems } = toPackageLines(text, '');
  return lines.length + problems.length;
}

export const hasPackages = (packages: PackageTexts): boolean =>
  packageKinds.some((kind) => countPackages(packages[kind]) > 0);

export const isName = (name: string): boolean => imageNameSchema.safeParse(name).success;

/** Whether the form is as somebody left it that has changed nothing. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Adds lines below a text of lines, on lines of their own. */
export function withLines(text: string, lines: readonly string[]): string {
  if (lines.length === 0) return text;
  const above = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${above}${lines.join('\n')}\n`;
}
