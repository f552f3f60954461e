import { EditOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useNavigate, useOutletContext, useParams } from 'react-router';
import { type Image, useImage } from '../../data/images.ts';
import { useMayManage } from '../../data/me.ts';
import { useRebuild } from '../../data/use-rebuild.ts';
import { Answered } from '../../ui/answered.tsx';
import { JobStatus } from '../../ui/job-status.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { RebuildButton } from '../../ui/rebuild-button.tsx';
import { TabNav } from '../../ui/tab-nav.tsx';
import { DeleteImage } from './delete-image.tsx';

/** One image: what stands around its tabs. */
export function Component() {
  const { name = '' } = useParams();
  const image = useImage(name);
  return <Answered query={image}>{(found) => <ImageFrame image={found} />}</Answered>;
}

/** The image that a tab is about. */
export const useShownImage = () => useOutletContext<Image>();

function ImageFrame({ image }: { readonly image: Image }) {
  const { t } = useTranslation('images');
  const { name, displayName, kind } = image;
  const tabs = [
    { to: `/images/${name}`, text: t('tab.info'), isIndex: true },
    { to: `/images/${name}/jobs`, text: t('tab.jobs') },
    { to: `/images/${name}/revisions`, text: t('tab.revisions') },
    { to: `/images/${name}/contents`, text: t('tab.contents') },
  ];
  return (
    <>
      <PageTitle
        title={name}
        subtitle={
          <span className="subtitle">
            {displayName !== '' && <span>{displayName}</span>}
            <LatestStatus image={image} />
          </span>
        }
        actions={<ImageActions image={image} />}
      />
      {kind === 'custom' && <TabNav label={t('tab.label', { name })} tabs={tabs} />}
      <Outlet context={image} />
    </>
  );
}

function LatestStatus({ image: { kind, status, progress, latestJobId } }: { readonly image: Image }) {
  const { t } = useTranslation('images');
  if (kind === 'existing') return <span>{t('existing')}</span>;
  if (status === null || latestJobId === null) return null;
  return (
    <Link to={`/jobs/${latestJobId}`} className="quiet-link">
      <JobStatus state={status} progress={progress} />
    </Link>
  );
}

function ImageActions({ image: { name, ownerGroup, kind } }: { readonly image: Image }) {
  const { t } = useTranslation('images');
  const navigate = useNavigate();
  const rebuild = useRebuild(name);
  if (!useMayManage(ownerGroup)) return null;
  return (
    <>
      <Link to={`/images/${name}/edit`}>
        <Button type="primary" icon={<EditOutlined />} tabIndex={-1}>
          {t('edit')}
        </Button>
      </Link>
      {kind === 'custom' && <RebuildButton onRebuild={rebuild} />}
      <DeleteImage name={name} onDeleted={() => navigate('/images', { replace: true })} />
    </>
  );
}
