import { Tooltip } from 'antd';
import { useFormat } from './use-format.ts';
import { useNow } from './use-now.ts';

/** How long ago; the exact time stands in a tooltip, or beside it when `withExact`. */
export function RelativeTime({ at, withExact = false }: { readonly at: string; readonly withExact?: boolean }) {
  const format = useFormat();
  const now = useNow();
  // A clock that has not ticked yet must not put what has just happened into the future.
  const relative = format.relative(at, new Date(Math.max(now.getTime(), Math.min(Date.parse(at), Date.now()))));
  const exact = format.dateTime(at);
  if (withExact) {
    return (
      <time dateTime={at}>
        {relative} <span className="muted">({exact})</span>
      </time>
    );
  }
  return (
    <Tooltip title={exact}>
      <time dateTime={at}>{relative}</time>
    </Tooltip>
  );
}
