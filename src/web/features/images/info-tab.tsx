import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Image } from '../../data/images.ts';
import { useJob } from '../../data/jobs.ts';
import { Facts } from '../../ui/facts.tsx';
import { FailurePanel } from '../../ui/failure-panel.tsx';
import { PackageLists } from '../../ui/package-lists.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { useShownImage } from './image-view.tsx';

/** What an image is, how it is pulled, and what it is made from. */
export function Component() {
  const image = useShownImage();
  return (
    <div className="stack">
      {image.status === 'Failed' && image.latestJobId !== null && <LatestFailure jobId={image.latestJobId} />}
      <section className="panel">
        <Facts items={useFacts(image)} />
      </section>
      {image.spec !== null && (
        <section className="panel">
          <PackageLists packages={image.spec.packages} />
        </section>
      )}
    </div>
  );
}

function LatestFailure({ jobId }: { readonly jobId: string }) {
  const { t } = useTranslation('images');
  const { data: job } = useJob(jobId);
  if (!job?.failure) return null;
  return (
    <FailurePanel
      failure={job.failure}
      action={<Link to={`/jobs/${jobId}`}>{t('toJob', { number: job.number })}</Link>}
    />
  );
}

function useFacts(image: Image) {
  const { t } = useTranslation(['images', 'ui']);
  const { url, gpuUrl, revision, spec, pullSecret, type, isGlobal, groups, ownerGroup, description } = image;
  const reference = (text: string | null | undefined, thing: string) =>
    text ? <ReferenceText text={text} thing={thing} /> : undefined;
  const pull = url === null ? null : `docker pull ${url}`;
  const seenBy = isGlobal ? t('everybody') : [...new Set([...(ownerGroup ? [ownerGroup] : []), ...groups])].join(', ');
  return [
    [t('column.image'), reference(url, t('url')) ?? <span className="muted">{t('notReady')}</span>],
    [t('field.gpuUrl'), reference(gpuUrl, t('url'))],
    [t('field.pull'), reference(pull, t('field.pull'))],
    [
      t('field.revision'),
      revision && (
        <Link to="revisions">
          <code>{revision}</code>
        </Link>
      ),
    ],
    [t('field.base'), reference(spec?.base, t('field.base'))],
    [t('field.cuda'), spec?.cuda],
    [t('field.pullSecret'), pullSecret],
    [t('column.type'), t(`ui:type.${type}`)],
    [t('field.seenBy'), seenBy || t('administratorsOnly')],
    [t('field.owner'), ownerGroup ?? t('platform')],
    [t('field.description'), description],
    [
      t('field.created'),
      <>
        <RelativeTime key="time" at={image.createdAt} withExact /> · {image.createdBy}
      </>,
    ],
    [t('column.updated'), <RelativeTime key="time" at={image.updatedAt} withExact />],
  ] as const;
}
