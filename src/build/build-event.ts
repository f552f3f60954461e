import type { Lock } from '../lock/lock.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { Sentence } from '../sentence.ts';

export const buildSteps = ['base', 'lock', 'assemble', 'push'] as const;
export type BuildStep = (typeof buildSteps)[number];

/** What a build tells while it runs; enough to draw its progress and to write its log. */
export type BuildEvent =
  | { readonly type: 'step'; readonly step: BuildStep; readonly state: 'started' }
  | { readonly type: 'step'; readonly step: BuildStep; readonly state: 'done'; readonly seconds: number }
  | { readonly type: 'base'; readonly base: ResolvedImage }
  /** A layer of the base is being read, once for ever. */
  | { readonly type: 'index'; readonly done: number; readonly total: number; readonly bytes: number }
  /** What takes its time while the lock is made. */
  | { readonly type: 'working'; readonly message: Sentence }
  | { readonly type: 'locked'; readonly lock: Lock; readonly revision: string; readonly fromCache: boolean }
  | { readonly type: 'notice'; readonly message: Sentence }
  | { readonly type: 'planned'; readonly layers: readonly PlannedLayer[] }
  | { readonly type: 'layer'; readonly layer: number; readonly state: LayerState }
  | { readonly type: 'download'; readonly layer: number; readonly bytes: number }
  /** A line that a command in the sandbox wrote while it made a layer. */
  | { readonly type: 'output'; readonly layer: number; readonly line: string }
  /** The size of a layer that was made now, compressed. */
  | { readonly type: 'layer-size'; readonly layer: number; readonly bytes: number }
  | { readonly type: 'upload'; readonly bytes: number };

export interface PlannedLayer {
  /** `pip: numpy 2.4.6` */
  readonly title: string;
  /** Size of the packages as downloaded. */
  readonly bytes: number;
}

/** A layer's way: assembled now or taken from the cache, then already in the registry, mounted from another repository, or sent. */
export type LayerState = 'assembling' | 'assembled' | 'cached' | 'present' | 'mounted' | 'pushed';
