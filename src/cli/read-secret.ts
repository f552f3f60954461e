import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { CommandContext } from './command.ts';

type TerminalInput = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

/**
 * Reads a secret from standard input: on a terminal one line, asked for and not shown; else all of it, without the line end. Throws
 * `command-invalid` when there is nothing, `cancelled` on Ctrl-C.
 */
export async function readSecret(
  what: string,
  { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>,
): Promise<string> {
  const input: TerminalInput = stdin;
  const secret = input.isTTY === true ? await askFor(what, input, stderr) : await readAll(input);
  if (secret !== '') return secret;
  throw new BuilderError('command-invalid', say`No ${what} came on standard input`, {
    hint: say`Type it when asked, or send it: imagewright … < FILE`,
  });
}

async function readAll(input: Readable): Promise<string> {
  return (await text(input)).replace(/\r?\n$/, '');
}

const enter = /[\r\n\x04]/;

async function askFor(what: string, input: TerminalInput, stderr: CommandContext['stderr']): Promise<string> {
  stderr.write(`${what}: `);
  input.setRawMode?.(true);
  try {
    let typed = '';
    // Left open: whoever ends the loop early would close standard input.
    for await (const chunk of input.iterator({ destroyOnReturn: false })) {
      for (const character of String(chunk)) {
        if (enter.test(character)) return typed;
        if (character === '\x03') throw new BuilderError('cancelled', say`Cancelled. Nothing was changed.`);
        if (character === '\x7f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character === '\x15') typed = '';
        else if (character >= ' ') typed += character;
      }
    }
    return typed;
  } finally {
    input.setRawMode?.(false);
    input.pause();
    stderr.write('\n');
  }
}
