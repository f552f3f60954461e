import { type ReactNode, type Ref, useMemo } from 'react';
import { parseAnsi } from './ansi-text.ts';

interface LogLineProps {
  readonly ref: Ref<HTMLDivElement>;
  /** Place in the list, by which its height is kept. */
  readonly index: number;
  readonly line: string;
  /** Marked where it stands. */
  readonly search: string;
  readonly isCurrent: boolean;
}

/** The server begins every line with its time: `2026-11-25T10:12:05.123Z [Step: lock]`. */
const timed = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) /;

export function LogLine({ ref, index, line, search, isCurrent }: LogLineProps) {
  const { time, kind, spans } = useMemo(() => readLine(line), [line]);
  return (
    <div ref={ref} data-index={index} className="log-line" data-kind={kind} data-current={isCurrent || undefined}>
      {time !== undefined && (
        <time dateTime={time} title={time}>
          {clockOf(time)}
        </time>
      )}
      <span>
        {spans.map(({ text, colour, isBold }, place) => (
          <span key={place} data-colour={colour} data-bold={isBold}>
            {marked(text, search)}
          </span>
        ))}
      </span>
    </div>
  );
}

function readLine(line: string) {
  const time = timed.exec(line)?.[1];
  const text = time === undefined ? line : line.slice(time.length + 1);
  const kind = /^\[(?:Step|Completed)/.test(text)
    ? 'step'
    : /^(?:\u001b\[[\d;]*m)?ERROR\b/.test(text)
      ? 'error'
      : undefined;
  return { time, kind, spans: parseAnsi(text) };
}

function clockOf(time: string): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function marked(text: string, search: string): ReactNode {
  if (search === '') return text;
  const at = text.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return text;
  const end = at + search.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {marked(text.slice(end), search)}
    </>
  );
}
