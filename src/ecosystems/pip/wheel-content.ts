import { keepFile, readKeptFile } from '../kept-file.ts';

/** What a wheel brings, but for its `.dist-info`: absolute paths, links not followed, and the hash of each file as RECORD has it. */
export type WheelContent = ReadonlyMap<string, string>;

/** Writes what a wheel brings where `readKeptWheelContent` finds it. No path of a wheel has a line break in it. */
export async function keepWheelContent(file: string, content: WheelContent): Promise<void> {
  await keepFile(file, [...content].map(([path, hash]) => `${hash}\t${path}`).join('\n'));
}

/** `undefined` where nothing is kept. */
export async function readKeptWheelContent(file: string): Promise<WheelContent | undefined> {
  const text = (await readKeptFile(file))?.toString('utf8');
  if (text === undefined) return undefined;
  const lines = text === '' ? [] : text.split('\n');
  return new Map(
    lines.map((line) => {
      const end = line.indexOf('\t');
      return [line.slice(end + 1), line.slice(0, end)];
    }),
  );
}
