import { DownloadOutlined } from '@ant-design/icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Button, Checkbox } from 'antd';
import { type UIEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type LogText, useJobLog } from '../../data/job-log.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { useFormat } from '../../ui/use-format.ts';
import { LogLine } from './log-line.tsx';
import { useLogSearch } from './use-log-search.ts';

interface JobLogProps {
  readonly id: string;
  readonly isEnded: boolean;
}

const lineHeight = 20;

/** The last lines of a job's log and those that come; only the lines in sight are drawn. */
export function JobLog({ id, isEnded }: JobLogProps) {
  const { t } = useTranslation('jobs');
  const log = useJobLog(id);
  const { lines, first } = log;
  const scroller = useRef<HTMLDivElement>(null);
  const [isWrapped, setWrapped] = useState(true);
  const [isFollowing, setFollowing] = useState(!isEnded);
  const search = useLogSearch(lines, first);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    getItemKey: (index) => first + index,
    overscan: 30,
  });
  useEffect(() => {
    if (isFollowing && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [isFollowing, lines.length, rows]);
  useEffect(() => {
    if (search.current !== undefined) rows.scrollToIndex(search.current - first, { align: 'center' });
  }, [search.current, first, rows]);
  useEffect(() => {
    // Heights that were measured hold for one way of wrapping.
    void isWrapped;
    rows.measure();
  }, [isWrapped, rows]);
  const onScroll = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent<HTMLDivElement>) => {
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 2 * lineHeight;
    if (isFollowing && !isAtEnd && lastTop.current > scrollTop) setFollowing(false);
    lastTop.current = scrollTop;
  };
  const lastTop = useRef(0);
  return (
    <section className="panel log-panel" aria-label={t('log.title')}>
      <div className="toolbar">
        <h2>{t('log.title')}</h2>
        <LogState log={log} />
        <span className="toolbar-gap" />
        <SearchField label={t('log.search')} value={search.text} onSearch={search.setText} />
        {search.text !== '' && <LogMatches search={search} />}
        <Checkbox checked={isWrapped} onChange={({ target }) => setWrapped(target.checked)}>
          {t('log.wrap')}
        </Checkbox>
        <Checkbox checked={isFollowing} onChange={({ target }) => setFollowing(target.checked)}>
          {t('log.follow')}
        </Checkbox>
        <Button icon={<DownloadOutlined />} href={`/api/v1/jobs/${id}/log/download`}>
          {t('log.download')}
        </Button>
      </div>
      {log.hasEarlier && <p className="muted">{t('log.earlier', { lines: lines.length })}</p>}
      {log.state === 'failed' && <ProblemAlert error={log.error} />}
      <div
        ref={scroller}
        className="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        role="log"
        lang="en"
        aria-live="off"
        aria-label={t('log.title')}
        data-wrapped={isWrapped}
        // What grows has its room from the beginning; what has ended takes what it needs.
        style={isEnded && log.state === 'complete' ? { '--log-height': `${rows.getTotalSize() + 20}px` } : undefined}
        onScroll={onScroll}
      >
        <div style={{ height: rows.getTotalSize() }}>
          <div style={{ transform: `translateY(${rows.getVirtualItems()[0]?.start ?? 0}px)` }}>
            {rows.getVirtualItems().map(({ key, index }) => (
              <LogLine
                key={key}
                ref={rows.measureElement}
                index={index}
                line={lines[index]!}
                search={search.text}
                isCurrent={search.current === first + index}
              />
            ))}
          </div>
        </div>
        {lines.length === 0 && log.state !== 'loading' && (
          <p className="muted">{isEnded ? t('log.empty') : t('log.notYet')}</p>
        )}
      </div>
    </section>
  );
}

/** Whether lines still come; a connection that is lost is no failed build, and says so. */
function LogState({ log: { state } }: { readonly log: LogText }) {
  const { t } = useTranslation('jobs');
  if (state === 'live') return <span className="status busy">{t('log.live')}</span>;
  return (
    <span role="status" className="bad">
      {state === 'lost' && t('log.lost')}
    </span>
  );
}

function LogMatches({ search }: { readonly search: ReturnType<typeof useLogSearch> }) {
  const { t } = useTranslation('jobs');
  const format = useFormat();
  const { count, position, next, previous } = search;
  return (
    <>
      <span role="status" className="muted numbers">
        {count === 0
          ? t('log.noMatch')
          : t('log.matches', { position: format.number(position), total: format.number(count) })}
      </span>
      <Button size="small" disabled={count === 0} onClick={previous} aria-label={t('log.previous')}>
        ↑
      </Button>
      <Button size="small" disabled={count === 0} onClick={next} aria-label={t('log.next')}>
        ↓
      </Button>
    </>
  );
}
