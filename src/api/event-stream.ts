/** One event of a stream of Server-Sent Events. */
export interface StreamEvent {
  /** `message` unless the server says otherwise. */
  readonly type: string;
  /** The last `id:` that came, of this event or of one before; empty when there was none. */
  readonly id: string;
  readonly data: string;
}

/**
 * Reads Server-Sent Events, section 9.2.6 of the HTML standard, in whatever pieces the bytes come. Comments and `retry` are left out,
 * and so is an event that the stream's end cuts off.
 */
export async function* readEventStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent, void, void> {
  let type = '';
  let id = '';
  let data: string[] = [];
  for await (const line of readLines(chunks)) {
    if (line === '') {
      if (data.length > 0) yield { type: type || 'message', id, data: data.join('\n') };
      type = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
}

/** Lines that end with CR LF, LF or CR; what comes after the last end of line is left out. */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  // Takes a byte order mark at the beginning away, as the standard wants.
  const decoder = new TextDecoder();
  let begun: string[] = [];
  let afterReturn = false;
  for await (const chunk of chunks) {
    let text = decoder.decode(chunk, { stream: true });
    if (text === '') continue;
    // The line feed that belongs to a carriage return of the piece before.
    if (afterReturn && text.startsWith('\n')) text = text.slice(1);
    afterReturn = chunk.length > 0 && text.endsWith('\r');
    const [first, ...others] = text.split(/\r\n|\n|\r/) as [string, ...string[]];
    begun.push(first);
    for (const next of others) {
      yield begun.join('');
      begun = [next];
    }
  }
}
