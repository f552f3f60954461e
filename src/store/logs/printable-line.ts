/** Longer lines are cut. */
export const maxLineBytes = 64 * 1024;

const controlsOrColour = /\x1b\[[0-9;:]*m|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;
const partOfColour = /\x1b[^m]*$/;

/** A line as it may be shown on a terminal: control characters other than tabs and colours (ANSI SGR) are written out as `\x07`. */
export function escapeControls(line: string): string {
  return line.replace(controlsOrColour, (found) =>
    found.length > 1 ? found : `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** A line of at most 64 KiB, with a note when something was cut off. */
export function cutLongLine(line: string): string {
  // No character takes more than three bytes for each of its UTF-16 units.
  if (line.length * 3 <= maxLineBytes) return line;
  const bytes = Buffer.from(line);
  if (bytes.length <= maxLineBytes) return line;
  const kept = bytes.subarray(0, characterStart(bytes, maxLineBytes)).toString().replace(partOfColour, '');
  return `${kept} [line cut after ${maxLineBytes / 1024} KiB]`;
}

/** The beginning of the UTF-8 character that the position is in. */
function characterStart(bytes: Uint8Array, position: number): number {
  let start = position;
  while (start > 0 && (bytes[start]! & 0xc0) === 0x80) start--;
  return start;
}
