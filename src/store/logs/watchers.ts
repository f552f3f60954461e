/** Who wants to know of changes, by name of what changes. */
export interface Watchers {
  /** Calls at every `notify` of that name from now on; what it gives ends that. */
  watch(name: string, onChange: () => void): () => void;
  notify(name: string): void;
}

export function createWatchers(): Watchers {
  const watchers = new Map<string, Set<() => void>>();
  return {
    watch(name, onChange) {
      // A function of its own, as the same one may be given twice.
      const watcher = () => onChange();
      const all = watchers.get(name) ?? new Set();
      watchers.set(name, all.add(watcher));
      return () => {
        all.delete(watcher);
        if (all.size === 0 && watchers.get(name) === all) watchers.delete(name);
      };
    },
    notify(name) {
      for (const watcher of watchers.get(name) ?? []) watcher();
    },
  };
}
