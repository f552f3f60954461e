import type { CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';

/** `numpy==2.`, `pandas[excel]>=2,<`, `conda-forge::scipy=`, `git=1:2`: the name, and the version as far as it is written. */
const constraint =
  /^\s*(?:[\w-]+::)?([A-Za-z0-9][\w.+-]*?)(?:\[[^\]#]*\])?(?::[\w-]+)?\s*[=<>!~][^#;@]*?(?<=[=<>!~,]\s*)([^\s=<>!~,#]*)$/;

/** What a constraint that is being written is about: `['numpy', '2.']`. */
export function readConstraint(before: string): readonly [name: string, written: string] | undefined {
  const match = constraint.exec(before);
  return match === null ? undefined : [match[1]!, match[2]!];
}

/** Completes versions after `==`, `>=` and the like; nothing is taken unless one chooses it. */
export function versionCompletion(versionsOf: (name: string) => Promise<readonly string[]>): CompletionSource {
  return async ({ state, pos, explicit }: CompletionContext): Promise<CompletionResult | null> => {
    const read = readConstraint(state.sliceDoc(state.doc.lineAt(pos).from, pos));
    if (read === undefined) return null;
    const [name, written] = read;
    const versions = await versionsOf(name);
    return !explicit && versions[0] === written ? null : completionOf(versions, pos - written.length, written);
  };
}

/** Those that begin as written, in the order that they are in; narrowed down at once while one goes on writing. */
function completionOf(versions: readonly string[], from: number, written: string): CompletionResult | null {
  const options = versions.filter((version) => version.startsWith(written)).slice(0, 100);
  if (options.length === 0) return null;
  return {
    from,
    options: options.map((label) => ({ label })),
    filter: false,
    update: (_current, start, to, { state }) => {
      const more = state.sliceDoc(start, to);
      return /^[^\s=<>!~,#]*$/.test(more) ? completionOf(versions, start, more) : null;
    },
  };
}
