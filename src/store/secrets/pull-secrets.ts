import { randomUUID } from 'node:crypto';
import { BuilderError } from '../../errors.ts';
import type { Credential } from '../../registry/client/credentials.ts';
import { listed, say } from '../../sentence.ts';
import { type Queries, violates } from '../database.ts';
import type { Viewer } from '../images.ts';
import { credentialOf } from './docker-config.ts';
import type { SecretBox } from './secret-box.ts';

/** A pull secret without its password, which only `credentialsFor` gives. */
export interface StoredPullSecret {
  readonly id: string;
  readonly name: string;
  /** `registry.example.com:5000` */
  readonly registryHost: string;
  readonly username: string;
  /** `null` for one of the platform's. */
  readonly ownerGroup: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewPullSecret
  extends Pick<StoredPullSecret, 'name' | 'registryHost' | 'username' | 'ownerGroup' | 'createdBy'> {
  readonly password: string;
}

const columns = `id, name, registry_host as "registryHost", username, owner_group as "ownerGroup", created_by as "createdBy",
  created_at as "createdAt", updated_at as "updatedAt"`;

type PullSecretRow = StoredPullSecret & Record<string, unknown>;

/** What the password of a pull secret is sealed for. */
export function pullSecretAbout(id: string): string {
  return `pull-secret/${id}`;
}

/** Throws `conflict` when a pull secret has the name, `request-invalid` when there is no such group. */
export async function insertPullSecret(
  queries: Queries,
  box: SecretBox,
  { name, registryHost, username, password, ownerGroup, createdBy }: NewPullSecret,
): Promise<StoredPullSecret> {
  const id = randomUUID();
  const sealed = box.seal(password, pullSecretAbout(id));
  try {
    const [row] = await queries.query<PullSecretRow>(
      `insert into pull_secrets (id, name, registry_host, username, sealed_password, owner_group, created_by)
       values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
      [id, name, registryHost, username, sealed, ownerGroup, createdBy],
    );
    return row!;
  } catch (error) {
    throw refusalOf(error, { name, ownerGroup });
  }
}

export async function findPullSecret(queries: Queries, name: string): Promise<StoredPullSecret | undefined> {
  return (await queries.query<PullSecretRow>(`select ${columns} from pull_secrets where name = $1`, [name]))[0];
}

export interface PullSecretQuery {
  /** Part of a name or host. */
  readonly search?: string | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** One page by name: to members of groups the platform's and their groups' own. */
export async function listPullSecrets(
  queries: Queries,
  viewer: Viewer,
  { search = '', page, pageSize }: PullSecretQuery,
): Promise<{ readonly items: readonly StoredPullSecret[]; readonly total: number }> {
  const condition = `($1::text[] is null or owner_group is null or owner_group = any($1::text[]))
    and (name ilike $2 or registry_host ilike $2)`;
  const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const values = [viewer === 'all' ? null : [...viewer.groups], pattern];
  const [counted] = await queries.query<{ total: number }>(
    `select count(*)::int as total from pull_secrets where ${condition}`,
    values,
  );
  const items = await queries.query<PullSecretRow>(
    `select ${columns} from pull_secrets where ${condition} order by name limit $3 offset $4`,
    [...values, pageSize, (page - 1) * pageSize],
  );
  return { items, total: counted!.total };
}

export type PullSecretChange = Partial<Pick<NewPullSecret, 'registryHost' | 'username' | 'password' | 'ownerGroup'>>;

/**
 * Changes what is named. Throws `request-invalid` when there is no such group, and when the host changes and the password is not given anew:
 * who may change a secret may not thereby learn it. Throws `conflict` when it was changed or deleted meanwhile.
 */
export async function updatePullSecret(
  queries: Queries,
  box: SecretBox,
  { secret, change }: { readonly secret: StoredPullSecret; readonly change: PullSecretChange },
): Promise<StoredPullSecret> {
  const { registryHost, username, ownerGroup } = { ...secret, ...change };
  if (registryHost !== secret.registryHost && change.password === undefined) throw passwordNeeded(secret);
  const sealed = change.password === undefined ? null : box.seal(change.password, pullSecretAbout(secret.id));
  const sql = `update pull_secrets set registry_host = $2, username = $3, owner_group = $4,
      sealed_password = coalesce($5, sealed_password), updated_at = now()
    where id = $1 and ($5::text is not null or registry_host = $2) returning ${columns}`;
  const values = [secret.id, registryHost, username, ownerGroup, sealed];
  const [row] = await queries.query<PullSecretRow>(sql, values).catch((error) => {
    throw refusalOf(error, { name: secret.name, ownerGroup });
  });
  if (row !== undefined) return row;
  throw new BuilderError('conflict', say`The pull secret "${secret.name}" was changed or deleted meanwhile`, {
    hint: say`Look at it again.`,
  });
}

/** Throws `conflict` when images or base images use it. */
export async function deletePullSecret(queries: Queries, { id, name }: StoredPullSecret): Promise<void> {
  const users = await queries.query<{ name: string }>(
    `select name from images where pull_secret = $1 and deleted_at is null
     union all select reference from base_images where pull_secret = $1 order by name`,
    [name],
  );
  if (users.length === 0) return void (await queries.query('delete from pull_secrets where id = $1', [id]));
  const names = users.map((user) => user.name);
  throw new BuilderError('conflict', say`The pull secret "${name}" is used by ${listed(names, 10)}`, {
    hint: say`Give these images another pull secret or none first.`,
    problems: names.map((user) => ({ field: 'name', text: user, code: 'in-use', message: say`"${user}" uses it` })),
  });
}

export interface CredentialRequest {
  readonly name: string;
  /** Where the credentials will be shown: `registry.example.com:5000`. */
  readonly registryHost: string;
  /** The group that owns the image; when given, a secret of another group is refused. */
  readonly ownerGroup?: string | null | undefined;
}

/** What a build signs in with. Throws `not-found`, and `forbidden` for another registry or another group than the secret's own. */
export async function credentialsFor(
  queries: Queries,
  box: SecretBox,
  { name, registryHost, ownerGroup }: CredentialRequest,
): Promise<Credential> {
  const [row] = await queries.query<PullSecretRow & { readonly sealed: string }>(
    `select ${columns}, sealed_password as sealed from pull_secrets where name = $1`,
    [name],
  );
  if (row === undefined) {
    throw new BuilderError('not-found', say`There is no pull secret called "${name}"`, {
      hint: say`Make one of that name, or choose another for the image.`,
    });
  }
  if (row.registryHost !== registryHost) {
    throw new BuilderError(
      'forbidden',
      say`The pull secret "${name}" is for ${row.registryHost}, not for ${registryHost}`,
      {
        hint: say`Choose a pull secret for ${registryHost}, or none.`,
      },
    );
  }
  if (ownerGroup && row.ownerGroup !== null && row.ownerGroup !== ownerGroup) {
    throw new BuilderError('forbidden', say`The pull secret "${name}" is not one of the group "${ownerGroup}"`, {
      hint: say`Choose one of that group's or of the platform's.`,
    });
  }
  return credentialOf({ username: row.username, password: box.open(row.sealed, pullSecretAbout(row.id)) });
}

function refusalOf(error: unknown, { name, ownerGroup }: Pick<StoredPullSecret, 'name' | 'ownerGroup'>): unknown {
  if (violates(error, 'pull_secrets_name_key')) {
    return new BuilderError('conflict', say`There is a pull secret called "${name}" already`, {
      hint: say`Choose another name, or change that one.`,
      problems: [
        { field: 'name', code: 'name-taken', message: say`"${name}" is taken`, hint: say`Choose another name.` },
      ],
    });
  }
  if (violates(error, 'pull_secrets_owner_group_fkey')) {
    const message = say`There is no group called "${ownerGroup}"`;
    const problems = [{ field: 'ownerGroup', code: 'group-not-found', message }];
    return new BuilderError('request-invalid', message, {
      hint: say`Make the group first, or choose another.`,
      problems,
    });
  }
  return error;
}

function passwordNeeded({ name, registryHost }: StoredPullSecret): BuilderError {
  const message = say`The password of "${name}" is for ${registryHost} only`;
  const hint = say`Give the password for the new host as well.`;
  return new BuilderError('request-invalid', message, {
    hint,
    problems: [{ field: 'password', code: 'password-needed', message, hint }],
  });
}
