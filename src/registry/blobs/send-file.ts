import type { FileHandle } from 'node:fs/promises';
import type { ByteRange } from './blob-store.ts';

const pieceBytes = 512 * 1024;

/**
 * Gives a file, or a part of it, to `take`, piece by piece, in two buffers that take turns: one is filled while the other is on its way. Fresh memory for
 * each piece costs a third of the time in which a large file is sent.
 */
export async function sendFile(
  file: FileHandle,
  take: (piece: Uint8Array) => Promise<void>,
  { start, end }: ByteRange = { start: 0, end: Number.MAX_SAFE_INTEGER },
): Promise<void> {
  const buffers = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)] as const;
  let taking = Promise.resolve();
  for (let at = start, turn = 0; at <= end; turn++) {
    const { buffer, bytesRead } = await file.read(buffers[turn % 2]!, 0, Math.min(pieceBytes, end - at + 1), at);
    await taking;
    if (bytesRead === 0) return;
    taking = take(buffer.subarray(0, bytesRead));
    taking.catch(() => {}); // Met at the next turn, or below.
    at += bytesRead;
  }
  await taking;
}
