import { randomUUID } from 'node:crypto';
import type { AptSources } from '../../ecosystems/apt/apt-sources.ts';
import { type CondaChannels, onlyChannels } from '../../ecosystems/conda/channels.ts';
import type { PackageIndexes } from '../../ecosystems/pip/uv-settings.ts';
import { BuilderError } from '../../errors.ts';
import type { NetworkSettings } from '../../http/ways-out.ts';
import { say } from '../../sentence.ts';
import { json, type Queries, violates } from '../database.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { joinSourceUrl, type SourceCredentials, type SourceKind } from './source-url.ts';

/** What a source has besides its URL; which of these depends on its kind. */
export interface SourceOptions {
  /** Of a pip index: asked last, in place of the public one. */
  readonly isDefault?: boolean | undefined;
  /** Of an apt source that is asked besides those of the base: `bookworm`. */
  readonly suite?: string | undefined;
  /** Of such a source: `main`. */
  readonly components?: readonly string[] | undefined;
  /** Of such a source: the OpenPGP keys that may sign it, armoured. */
  readonly signedBy?: string | undefined;
  /** Of an apt mirror: what sources of the base begin with that are asked there instead. */
  readonly mirrorOf?: string | undefined;
  /** Of a bundle: certificates of authorities, PEM. */
  readonly certificates?: string | undefined;
  /** Of a proxy: hosts that are asked without it. */
  readonly noProxy?: readonly string[] | undefined;
}

/** A place that packages come from, or a part of the way there, without its credentials. */
export interface StoredSource {
  readonly id: string;
  readonly kind: SourceKind;
  readonly name: string;
  readonly url: string | null;
  readonly hasCredentials: boolean;
  /** Sources of a kind are asked from the lowest on. */
  readonly position: number;
  readonly options: SourceOptions;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const columns = `id, kind, name, url, sealed_credentials is not null as "hasCredentials", position, options, created_by as "createdBy",
  created_at as "createdAt", updated_at as "updatedAt"`;

type SourceRow = StoredSource & Record<string, unknown>;

/** What the credentials of a source are sealed for. */
export function sourceAbout(id: string): string {
  return `package-source/${id}`;
}

export interface NewSource extends Pick<StoredSource, 'kind' | 'name' | 'url' | 'position' | 'options' | 'createdBy'> {
  readonly credentials: SourceCredentials;
}

/** Throws `conflict` when a source has the name, or another index is the default. */
export async function insertSource(queries: Queries, box: SecretBox, source: NewSource): Promise<StoredSource> {
  const { kind, name, url, position, options, createdBy, credentials } = source;
  const id = randomUUID();
  try {
    const [row] = await queries.query<SourceRow>(
      `insert into package_sources (id, kind, name, url, sealed_credentials, position, options, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
      [id, kind, name, url, sealCredentials(box, id, credentials), position, json(options), createdBy],
    );
    return row!;
  } catch (error) {
    throw conflictOf(error, name);
  }
}

export async function findSource(queries: Queries, name: string): Promise<StoredSource | undefined> {
  return (await queries.query<SourceRow>(`select ${columns} from package_sources where name = $1`, [name]))[0];
}

/** All of them, or those of a kind, as they are asked. */
export async function listSources(queries: Queries, kind?: SourceKind): Promise<readonly StoredSource[]> {
  const sql = `select ${columns} from package_sources where $1::text is null or kind = $1 order by kind, position, name`;
  return queries.query<SourceRow>(sql, [kind ?? null]);
}

export interface SourceChange extends Partial<Pick<StoredSource, 'url' | 'position' | 'options'>> {
  /** Absent to keep those that stand. */
  readonly credentials?: SourceCredentials;
}

/** Changes what is named. Throws `conflict` when another index is the default, and when the source was changed or deleted meanwhile. */
export async function updateSource(
  queries: Queries,
  box: SecretBox,
  { source, change }: { readonly source: StoredSource; readonly change: SourceChange },
): Promise<StoredSource> {
  const { id, name } = source;
  const { url, position, options } = { ...source, ...change };
  const sealed = change.credentials && sealCredentials(box, id, change.credentials);
  const rows = await queries
    .query<SourceRow>(
      `update package_sources set url = $2, position = $3, options = $4,
         sealed_credentials = case when $5 then $6 else sealed_credentials end, updated_at = now()
       where id = $1 and ($5 or url is not distinct from $7) returning ${columns}`,
      [id, url, position, json(options), change.credentials !== undefined, sealed ?? null, source.url],
    )
    .catch((error) => {
      throw conflictOf(error, name);
    });
  if (rows[0] !== undefined) return rows[0];
  throw new BuilderError('conflict', say`The package source "${name}" was changed or deleted meanwhile`, {
    hint: say`Look at it again.`,
  });
}

/** True when there was one. */
export async function deleteSource(queries: Queries, name: string): Promise<boolean> {
  return (await queries.query('delete from package_sources where name = $1 returning 1', [name])).length > 0;
}

/** A source as it is asked: its URL holds the credentials, so it is never shown. */
export interface OpenedSource {
  readonly name: string;
  readonly url: string | null;
  readonly options: SourceOptions;
}

/** The sources of a kind with their credentials, in the order in which they are asked. */
export async function openSources(
  queries: Queries,
  box: SecretBox,
  kind: SourceKind,
): Promise<readonly OpenedSource[]> {
  const rows = await queries.query<SourceRow & { readonly sealed: string | null }>(
    `select ${columns}, sealed_credentials as sealed from package_sources where kind = $1 order by position, name`,
    [kind],
  );
  return rows.map(({ id, name, url, options, sealed }) => ({
    name,
    url: url === null ? null : joinSourceUrl(url, openCredentials(box, id, sealed)),
    options,
  }));
}

/** The credentials of a source that is to be changed. */
export async function credentialsOfSource(
  queries: Queries,
  box: SecretBox,
  { id }: Pick<StoredSource, 'id'>,
): Promise<SourceCredentials> {
  const sql = 'select sealed_credentials as sealed from package_sources where id = $1';
  const [row] = await queries.query<{ sealed: string | null }>(sql, [id]);
  return openCredentials(box, id, row?.sealed ?? null);
}

/** The pip indexes that are set; `undefined` when none is, and the environment says. */
export async function pipIndexes(queries: Queries, box: SecretBox): Promise<PackageIndexes | undefined> {
  const sources = await openSources(queries, box, 'pip');
  if (sources.length === 0) return undefined;
  const main = sources.find(({ options }) => options.isDefault);
  const extra = sources.filter((source) => source !== main).map(({ url }) => url!);
  return { ...(main !== undefined && { default: main.url! }), extra };
}

/** The apt sources and mirrors that are set. */
export async function aptSources(queries: Queries, box: SecretBox): Promise<AptSources> {
  const sources = await openSources(queries, box, 'apt');
  return {
    added: sources.flatMap(({ name, url, options: { suite, components = [], signedBy } }) =>
      suite === undefined ? [] : [{ name, url: url!, suite, components, ...(signedBy !== undefined && { signedBy }) }],
    ),
    mirrors: sources.flatMap(({ url, options: { mirrorOf } }) =>
      mirrorOf === undefined ? [] : [{ url: url!, of: mirrorOf }],
    ),
  };
}

/** The conda channels that are set, and no others then; `undefined` when none is, and the environment says. */
export async function condaChannels(queries: Queries, box: SecretBox): Promise<CondaChannels | undefined> {
  const sources = await openSources(queries, box, 'conda');
  return sources.length === 0 ? undefined : onlyChannels(sources.map(({ name, url }) => ({ name, url: url! })));
}

/** How the network is reached: all bundles of certificates, and the first proxy. */
export async function networkSettings(queries: Queries, box: SecretBox): Promise<NetworkSettings> {
  const bundles = await openSources(queries, box, 'ca-bundle');
  const [proxy] = await openSources(queries, box, 'proxy');
  return {
    certificates: bundles.map(({ options }) => options.certificates ?? '').join('\n'),
    proxy: proxy && { url: proxy.url!, noProxy: proxy.options.noProxy ?? [] },
  };
}

function sealCredentials(box: SecretBox, id: string, credentials: SourceCredentials): string | null {
  const isEmpty = Object.values(credentials).every((value) => value === undefined);
  return isEmpty ? null : box.seal(JSON.stringify(credentials), sourceAbout(id));
}

function openCredentials(box: SecretBox, id: string, sealed: string | null): SourceCredentials {
  return sealed === null ? {} : JSON.parse(box.open(sealed, sourceAbout(id)));
}

function conflictOf(error: unknown, name: string): unknown {
  if (violates(error, 'package_sources_name_key')) {
    return new BuilderError('conflict', say`There is a package source called "${name}" already`, {
      hint: say`Choose another name, or change that one.`,
      problems: [
        { field: 'name', code: 'name-taken', message: say`"${name}" is taken`, hint: say`Choose another name.` },
      ],
    });
  }
  if (violates(error, 'package_sources_one_default')) {
    return new BuilderError('conflict', say`Another index is the default already, and there is only one`, {
      hint: say`Set isDefault of that one to false first.`,
      problems: [{ field: 'options.isDefault', code: 'default-taken', message: say`Another index is the default` }],
    });
  }
  return error;
}
