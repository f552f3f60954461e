import type { CommandContext } from './command.ts';

/** Where progress goes: lines that stay, and at most one that is written over. */
export interface StatusLine {
  /** Writes a line that stays. */
  print(text: string): void;
  /** Shows what is going on now; on anything but a terminal nothing. */
  status(text: string): void;
  /** Takes the live line away. */
  clear(): void;
}

const silent: StatusLine = { print() {}, status() {}, clear() {} };

/** Live on a terminal, plain lines elsewhere, nothing when `quiet`. */
export function createStatusLine(stream: CommandContext['stderr'], { quiet }: { readonly quiet: boolean }): StatusLine {
  if (quiet) return silent;
  return stream.isTTY === true ? liveLine(stream) : plainLines(stream);
}

function plainLines(stream: CommandContext['stderr']): StatusLine {
  return { ...silent, print: (text) => void stream.write(`${text}\n`) };
}

/** Milliseconds between two drawings; faster only flickers. */
const redrawMs = 80;

function liveLine(stream: CommandContext['stderr']): StatusLine {
  let shown = '';
  let wanted = '';
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    timer = undefined;
    const text = wanted.slice(0, (stream.columns ?? 80) - 1);
    if (text !== shown) stream.write(`\r\x1b[2K${text}`);
    shown = text;
  };
  const clear = () => {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    wanted = '';
    if (shown !== '') stream.write('\r\x1b[2K');
    shown = '';
  };
  return {
    print(text) {
      clear();
      stream.write(`${text}\n`);
    },
    status(text) {
      wanted = text;
      timer ??= setTimeout(draw, redrawMs);
      timer.unref();
    },
    clear,
  };
}
