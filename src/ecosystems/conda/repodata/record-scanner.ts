/** Where the records of a repodata.json stand in its bytes. */
export interface RecordScanner {
  /** The next bytes of the file. Throws a `RepodataFormatError`. */
  write(chunk: Uint8Array): void;
  /** Throws when the file is not at its end. */
  end(): { /** The object `info`, as it stands in the file. */ readonly info: string };
}

/** Told of a record of `packages` or `packages.conda`: `"numpy-1.26.4-py312_0.conda":{…}`, from its first quote to behind its brace. */
export type OnRecord = (filename: string, start: number, end: number) => void;

export class RepodataFormatError extends Error {}

const maxKeyBytes = 1000;
const maxInfoBytes = 65_536;
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Finds the records of a repodata.json (CEP-36) without parsing them: the one of conda-forge has hundreds of megabytes and more than
 * half a million records, of which a solve needs some thousands. Only braces and strings are told apart, in one pass over the bytes:
 *
 *     {"info":{…},"packages":{"a-1-0.tar.bz2":{…},…},"packages.conda":{"a-1-0.conda":{…},…},"removed":[…]}
 *     depth 1     depth 2     record ───────────────
 */
export function createRecordScanner(onRecord: OnRecord): RecordScanner {
  let offset = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let keptFrom = 0;
  let kept: Buffer[] = [];
  let section = '';
  let key = '';
  let keyStart = 0;
  let isInfo = false;
  let infoBytes = 0;
  const info: Buffer[] = [];
  let isOver = false;

  function keep(chunk: Uint8Array, end: number): void {
    if (end > keptFrom) kept.push(Buffer.from(chunk.subarray(keptFrom, end)));
    keptFrom = 0;
    if (kept.reduce((sum, { length }) => sum + length, 0) > maxKeyBytes)
      throw new RepodataFormatError('a key is too long');
  }

  function open(): void {
    depth += 1;
    if (depth === 1 && isOver) throw new RepodataFormatError('something stands after its end');
    if (depth === 2) {
      section = key;
      if (section === 'info') isInfo = true;
    }
  }

  function close(at: number): void {
    depth -= 1;
    if (depth < 0) throw new RepodataFormatError('a brace is closed that was never opened');
    if (depth === 0) isOver = true;
    if (depth === 1) {
      section = '';
      isInfo = false;
    }
    if (depth === 2 && (section === 'packages' || section === 'packages.conda')) onRecord(key, keyStart, at + 1);
  }

  /** Behind the string's last quote, or `length` where it goes on in the next chunk. */
  function endOfString(chunk: Uint8Array, from: number): number {
    const { length } = chunk;
    let i = escaped ? from + 1 : from;
    for (; i < length; i++) {
      const byte = chunk[i];
      if (byte === quote) break;
      if (byte === backslash) i += 1;
    }
    // One more than the length when the last byte escapes the next.
    escaped = i > length;
    i = Math.min(i, length);
    inString = i === length;
    if (depth <= 2) keep(chunk, i);
    if (!inString && depth <= 2) {
      key = Buffer.concat(kept).toString('utf8');
      kept = [];
    }
    return inString ? length : i + 1;
  }

  return {
    write(chunk) {
      const { length } = chunk;
      let infoFrom = isInfo ? 0 : -1;
      for (let i = inString ? endOfString(chunk, 0) : 0; i < length; ) {
        const byte = chunk[i]!;
        if (byte === quote) {
          if (depth <= 2) {
            keyStart = offset + i;
            keptFrom = i + 1;
          }
          i = endOfString(chunk, i + 1);
          continue;
        }
        if (byte === openBrace || byte === openBracket) {
          open();
          if (isInfo && depth === 2) infoFrom = i;
        } else if (byte === closeBrace || byte === closeBracket) {
          const wasInfo = isInfo;
          close(offset + i);
          if (wasInfo && !isInfo) {
            info.push(Buffer.from(chunk.subarray(infoFrom, i + 1)));
            infoFrom = -1;
          }
        }
        i += 1;
      }
      if (isInfo) {
        info.push(Buffer.from(chunk.subarray(infoFrom)));
        infoBytes += length;
        if (infoBytes > maxInfoBytes + length) throw new RepodataFormatError('its info is too long');
      }
      offset += length;
    },
    end() {
      if (!isOver || depth !== 0) throw new RepodataFormatError('it ends in its middle');
      return { info: Buffer.concat(info).toString('utf8') };
    },
  };
}
