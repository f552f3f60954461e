import { useEffect, useMemo, useState } from 'react';
import { plainText } from './ansi-text.ts';

/** Finds a text in the lines of a log; lines are named by their number, which stays when old ones are let go. */
export function useLogSearch(lines: readonly string[], first: number) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<number>();
  const matches = useMemo(() => {
    const wanted = text.toLowerCase();
    if (wanted === '') return [];
    return lines.flatMap((line, index) => (plainText(line).toLowerCase().includes(wanted) ? [first + index] : []));
  }, [lines, first, text]);
  useEffect(() => {
    // A new text begins at its last match: what went wrong stands at the end.
    void text;
    setChosen(undefined);
  }, [text]);
  const current = chosen !== undefined && matches.includes(chosen) ? chosen : matches.at(-1);
  const place = current === undefined ? -1 : matches.indexOf(current);
  const go = (by: number) => setChosen(matches.at((place + by) % matches.length));
  return {
    ...{ text, setText, current },
    count: matches.length,
    /** Of the current match among all, from 1. */
    position: place + 1,
    next: () => go(1),
    previous: () => go(-1),
  };
}
