import type { Readable, Writable } from 'node:stream';

/** What a command may look at and write to; handed in, so that tests need no process. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Progress and messages for people; `isTTY` and `columns` as of a terminal. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One flag of a command. */
export interface OptionDefinition {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** What stands for the value in the help: `REF`. */
  readonly value?: string;
  /** Environment variable that gives the value when the flag is absent. */
  readonly env?: string;
  readonly description: string;
}

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** Values by flag name; flags that were not given are absent. */
export interface OptionValues {
  string(name: string): string | undefined;
  strings(name: string): readonly string[];
  boolean(name: string): boolean;
}

/** What was typed after the command's name. */
export interface CommandArguments {
  readonly positionals: readonly string[];
  readonly options: OptionValues;
}

/** One command: what it is called, what it takes, and what it does. */
export interface Command {
  /** One or two words: `build`, `registry import`. */
  readonly name: string;
  readonly summary: string;
  /** What comes after the name in the usage line, flags aside: `SPEC.yaml`. */
  readonly operands: string;
  /** Least and most operands. */
  readonly arity: readonly [number, number];
  /** A few paragraphs for `--help`. */
  readonly description: string;
  readonly options: OptionDefinitions;
  readonly examples: readonly string[];
  /** What holds after Ctrl-C, as a sentence. */
  readonly whenCancelled?: string;
  run(args: CommandArguments, context: CommandContext): Promise<void>;
}
