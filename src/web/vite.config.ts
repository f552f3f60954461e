import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const outDir = resolve(import.meta.dirname, '../../dist/web');

/** Writes a `.br` and a `.gz` beside each file that gains by it, so that the server compresses nothing. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const directory = join(outDir, 'assets');
      for (const name of readdirSync(directory).filter((each) => /\.(?:js|css|svg)$/.test(each))) {
        const path = join(directory, name);
        const bytes = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
      }
    },
  };
}

/** Where `npm run dev:web` finds the API. */
const server = process.env.IMAGEWRIGHT_SERVER ?? 'http://127.0.0.1:8080';
const ofServer = ['/api', '/sign-in', '/docs', '/openapi.json'];

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), compressed()],
  // The server puts a new one into every answer.
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir,
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // All that is shipped is what the policy of the page lets in: files of this host.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: Object.fromEntries(ofServer.map((path) => [path, { target: server }])) },
});
