import { EditOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Group, useGroupPage } from '../../data/groups.ts';
import { type Limits, useLimits } from '../../data/limits.ts';
import { useMe } from '../../data/me.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Facts } from '../../ui/facts.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';
import { useFormat } from '../../ui/use-format.ts';
import { useListParameters } from '../../ui/use-list-parameters.ts';
import { LimitsDialog } from './limits-dialog.tsx';

/** What builds may use: of the platform, and of each group. */
export function Component() {
  const { t } = useTranslation('settings');
  const limits = useLimits();
  return (
    <Answered query={limits}>
      {(platform) => (
        <div className="stack">
          <section className="panel">
            <h2>{t('limits.platform')}</h2>
            <p className="muted">{t('limits.platformText')}</p>
            <Facts items={usePlatformFacts(platform)} />
          </section>
          <section>
            <h2>{t('limits.groups')}</h2>
            <p className="muted tab-intro">{t('limits.groupsText')}</p>
            <GroupLimits platform={platform} />
          </section>
        </div>
      )}
    </Answered>
  );
}

function usePlatformFacts(limits: Limits) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const { running, waiting, maxRunningJobs, maxRunningJobsPerGroup, timeoutMinutes, memoryMiB, diskMiB } = limits;
  return [
    [t('limits.now'), t('limits.nowText', { running: format.number(running), waiting: format.number(waiting) })],
    [t('limits.atOnce'), format.number(maxRunningJobs)],
    [t('limits.atOncePerGroup'), format.number(maxRunningJobsPerGroup)],
    [t('limits.timeout'), format.duration(timeoutMinutes * 60)],
    [t('limits.memory'), `${format.number(memoryMiB)} MiB`],
    [t('limits.disk'), `${format.number(diskMiB)} MiB`],
  ] as const;
}

function GroupLimits({ platform }: { readonly platform: Limits }) {
  const { t } = useTranslation('settings');
  const { isAdmin } = useMe();
  const { page, q, setPage, search } = useListParameters();
  const groups = useGroupPage({ page, q });
  const [edited, setEdited] = useState<Group>();
  const format = useFormat();
  /** What the platform gives is shown as such. */
  const limit = (own: number | undefined, usual: number, shown: (value: number) => string) =>
    own === undefined ? <span className="muted">{shown(usual)}</span> : shown(own);
  const mebibytes = (value: number) => `${format.number(value)} MiB`;
  const minutes = (value: number) => format.duration(value * 60);
  const columns: readonly Column<Group>[] = [
    { key: 'group', title: t('limits.group'), isRowHeader: true, cell: ({ name }) => name },
    {
      key: 'atOnce',
      title: t('limits.atOnce'),
      align: 'end',
      cell: ({ limits }) => limit(limits.maxRunningJobs, platform.maxRunningJobsPerGroup, format.number),
    },
    {
      key: 'timeout',
      title: t('limits.timeout'),
      align: 'end',
      cell: ({ limits }) => limit(limits.timeoutMinutes, platform.timeoutMinutes, minutes),
    },
    {
      key: 'memory',
      title: t('limits.memory'),
      align: 'end',
      cell: ({ limits }) => limit(limits.memoryMiB, platform.memoryMiB, mebibytes),
    },
    {
      key: 'disk',
      title: t('limits.disk'),
      align: 'end',
      cell: ({ limits }) => limit(limits.diskMiB, platform.diskMiB, mebibytes),
    },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: (group) =>
        isAdmin && (
          <IconButton
            label={t('limits.edit', { name: group.name })}
            icon={<EditOutlined />}
            onClick={() => setEdited(group)}
          />
        ),
    },
  ];
  return (
    <>
      <ListBar q={q} onSearch={search} />
      <Answered query={groups}>
        {({ items, total, pageSize }) => (
          <>
            <DataTable
              label={t('limits.groups')}
              columns={columns}
              rows={items}
              rowKey={({ name }) => name}
              isStale={groups.isPlaceholderData}
              empty={t('limits.none')}
            />
            <PageTurner {...{ page, pageSize, total }} onTurn={setPage} />
          </>
        )}
      </Answered>
      {edited !== undefined && <LimitsDialog group={edited} platform={platform} onClose={() => setEdited(undefined)} />}
    </>
  );
}
