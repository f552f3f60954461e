import { keepFile, readKeptFile } from './kept-file.ts';

/** Reads a file that `keepJson` has written; `undefined` when there is none, or what is there is of no use. */
export async function readKeptJson(file: string): Promise<unknown> {
  const content = await readKeptFile(file);
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes a value as `keepFile` does. */
export async function keepJson(file: string, value: unknown): Promise<void> {
  await keepFile(file, JSON.stringify(value));
}
