import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Job, useJobLock } from '../../data/jobs.ts';
import { Answered } from '../../ui/answered.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { PackageLists } from '../../ui/package-lists.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { ScrollingText } from '../../ui/scrolling-text.tsx';

/** What a job was built from: the spec as typed, and the lock that it came to. */
export function JobInputs({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const [isLockOpen, setLockOpen] = useState(false);
  const { base, cuda = null, packages, pullSecret } = job.spec;
  return (
    <>
      <details className="panel">
        <summary>{t('spec')}</summary>
        <Facts
          items={[
            [t('fact.base'), <ReferenceText key="base" text={base} thing={t('fact.base')} />],
            [t('fact.cuda'), cuda],
            [t('fact.pullSecret'), pullSecret],
          ]}
        />
        <PackageLists packages={packages} />
      </details>
      {job.revision !== null && (
        <details className="panel" onToggle={({ currentTarget }) => setLockOpen(currentTarget.open)}>
          <summary>{t('lock')}</summary>
          {isLockOpen && <Lock job={job} />}
        </details>
      )}
    </>
  );
}

function Lock({ job: { id, image, number } }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const lock = useJobLock(id, true);
  return (
    <Answered query={lock}>
      {(found) => {
        const text = JSON.stringify(found, null, 2);
        return (
          <>
            <p className="muted">{t('lockText')}</p>
            <Button onClick={() => save(text, `${image}-${number}.lock.json`)}>{t('downloadLock')}</Button>{' '}
            <CopyButton text={text} thing={t('lock')} />
            <ScrollingText label={t('lock')} text={text} />
          </>
        );
      }}
    </Answered>
  );
}

function save(text: string, filename: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(url);
}
