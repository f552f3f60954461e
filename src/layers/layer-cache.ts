import type { Readable } from 'node:stream';
import type { AssembledBlob } from './assemble-layer.ts';
import type { BaseCondition } from './base-survey.ts';

/** A layer that was made before, and what has to hold for a base so that it is right for it. */
export interface LayerRecord extends AssembledBlob {
  readonly conditions: readonly BaseCondition[];
}

/**
 * Port: layers by what they were made of. A key may have several records, made for bases that differ. Several processes may use one
 * cache at once.
 */
export interface LayerCache {
  /** A record of the key that `fits` and whose blob is there. */
  find(key: string, fits: (record: LayerRecord) => boolean): Promise<LayerRecord | undefined>;
  /** Keeps a layer; its blob is moved from the file, which `newFile` named. */
  add(key: string, record: LayerRecord, file: string): Promise<void>;
  /** The blob's bytes, from the start. */
  open(record: AssembledBlob): Readable;
  /** Path of a file that does not exist, where a blob can be written that may be added. */
  newFile(): Promise<string>;
  /** Removes a file of `newFile` that was not added, if it is there. */
  discard(file: string): Promise<void>;
}
