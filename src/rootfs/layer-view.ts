import type { RootfsEntry } from './entry.ts';
import type { LayerIndex } from './layer-index.ts';
import { nameOf, parentOf } from './paths.ts';

/** A layer's index made ready for questions: also the directories that are only implied by what stands in them, and what stands where. */
export interface LayerView {
  readonly entries: ReadonlyMap<string, RootfsEntry>;
  readonly contents: ReadonlyMap<string, Buffer>;
  /** By every directory of the layer that holds something, implied ones too: the names in it. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** By directory: the names that are removed from the layers below. */
  readonly removed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly opaques: ReadonlySet<string>;
}

const views = new WeakMap<LayerIndex, LayerView>();

/** The view of a layer; made once for an index, which may be part of many images. */
export function layerView(index: LayerIndex): LayerView {
  let view = views.get(index);
  if (view === undefined) {
    view = createLayerView(index);
    views.set(index, view);
  }
  return view;
}

function createLayerView({ entries, contents, whiteouts, opaques }: LayerIndex): LayerView {
  const names = new Map<string, string[]>([['/', []]]);
  const removed = new Map<string, Set<string>>();

  const namesIn = (directory: string): string[] => {
    let list = names.get(directory);
    if (list === undefined) {
      list = [];
      names.set(directory, list);
      if (!entries.has(directory)) namesIn(parentOf(directory)).push(nameOf(directory));
    }
    return list;
  };

  for (const path of entries.keys()) if (path !== '/') namesIn(parentOf(path)).push(nameOf(path));
  for (const path of whiteouts) {
    const directory = parentOf(path);
    namesIn(directory);
    const set = removed.get(directory) ?? new Set();
    removed.set(directory, set.add(nameOf(path)));
  }
  for (const directory of opaques) namesIn(directory);
  return { entries, contents, names, removed, opaques: new Set(opaques) };
}
