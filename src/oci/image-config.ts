import { BuilderError } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { type Digest, isDigest } from './digest.ts';
import { isObject, type JsonObject, parseObject } from './manifest.ts';
import type { Platform } from './platform.ts';

/** One step in how an image came to be, image-spec config.md "history". */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  /** True for a step that made no layer. */
  readonly empty_layer?: boolean;
}

/** How to start a container of the image. Members that we do not know are kept as they are. */
export interface ExecutionConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly [member: string]: unknown;
}

/** The image configuration, image-spec config.md. Members that we do not know are kept as they are. */
export interface ImageConfig extends Platform {
  readonly created?: string;
  readonly config?: ExecutionConfig | null;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly HistoryEntry[];
  readonly [member: string]: unknown;
}

/** Largest configuration that is read, in bytes. */
export const maxConfigBytes = 8 * 1024 * 1024;

/** Reads an image configuration from untrusted bytes. Throws `registry-invalid-response`. */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const json = parseObject(bytes);
  if (typeof json.os !== 'string' || typeof json.architecture !== 'string') refuse(say`os or architecture is missing`);
  const { rootfs } = json;
  if (!isObject(rootfs) || rootfs.type !== 'layers' || !Array.isArray(rootfs.diff_ids)) {
    return refuse(say`rootfs.diff_ids is missing`);
  }
  if (!rootfs.diff_ids.every((id) => typeof id === 'string' && isDigest(id))) refuse(say`a diff_id is not a digest`);
  if (json.history !== undefined && json.history !== null && !Array.isArray(json.history)) {
    refuse(say`history is not a list`);
  }
  checkExecutionConfig(json.config);
  const { history, ...rest } = json;
  return { ...rest, ...(Array.isArray(history) && { history }) } as unknown as ImageConfig;
}

function checkExecutionConfig(value: unknown): void {
  if (value === undefined || value === null) return;
  if (!isObject(value)) refuse(say`config is not an object`);
  const isStringList = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string');
  for (const member of ['Env', 'Entrypoint', 'Cmd']) {
    const list = (value as JsonObject)[member];
    if (list !== undefined && list !== null && !isStringList(list))
      refuse(say`config.${member} is not a list of strings`);
  }
  if (value.User !== undefined && typeof value.User !== 'string') refuse(say`config.User is not a string`);
}

/** The value that the image's environment gives a variable, the last one when it is set twice. */
export function environmentVariable(config: ImageConfig, name: string): string | undefined {
  const prefix = `${name}=`;
  return config.config?.Env?.findLast((entry) => entry.startsWith(prefix))?.slice(prefix.length);
}

function refuse(why: Sentence): never {
  throw new BuilderError('registry-invalid-response', say`The image's configuration cannot be used: ${why}`, {
    hint: say`Check that the reference names a container image and not another kind of artifact.`,
  });
}
