import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** The page as it was built, ready to be sent. */
export interface PageFiles {
  /** The document, with `__NONCE__` wherever an answer's own nonce goes. */
  readonly document: string;
  /** By path: `/assets/index-Ab12Cd34.js`. */
  readonly files: ReadonlyMap<string, PageFile>;
}

export interface PageFile {
  readonly mediaType: string;
  readonly plain: Buffer;
  /** The same bytes by content coding. */
  readonly encoded: Readonly<Partial<Record<'br' | 'gzip', Buffer>>>;
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Reads what `npm run build:web` has made, a few megabytes; `undefined` when it has not been run. */
export async function openPageFiles(directory: string): Promise<PageFiles | undefined> {
  const document = join(directory, 'index.html');
  if (!existsSync(document)) return undefined;
  const names = globSync(['assets/*', '*.svg'], { cwd: directory }).filter((name) => extname(name) in mediaTypes);
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const [plain, br, gzip] = await Promise.all([
        readFile(path),
        readIfThere(`${path}.br`),
        readIfThere(`${path}.gz`),
      ]);
      const encoded = { ...(br && { br }), ...(gzip && { gzip }) };
      return [`/${name}`, { mediaType: mediaTypes[extname(name)]!, plain, encoded }] as const;
    }),
  );
  return { document: await readFile(document, 'utf8'), files: new Map(files) };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return existsSync(path) ? readFile(path) : undefined;
}
