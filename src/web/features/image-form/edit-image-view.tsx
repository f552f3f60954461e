import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { type Image, useImageToEdit } from '../../data/images.ts';
import { useMayManage } from '../../data/me.ts';
import { Answered } from '../../ui/answered.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { ImageForm } from './image-form.tsx';

/** Changes an image. */
export function Component() {
  const { t } = useTranslation('imageForm');
  const { name = '' } = useParams();
  const image = useImageToEdit(name);
  return (
    <>
      <PageTitle title={t('editTitle', { name })} />
      {image.isFetchedAfterMount ? (
        <Answered query={image}>{(found) => <Edit key={name} image={found} />}</Answered>
      ) : (
        <Waiting rows={12} />
      )}
    </>
  );
}

function Edit({ image }: { readonly image: Image }) {
  const { t } = useTranslation('imageForm');
  const toImage = <Link to={`/images/${image.name}`}>{t('toImage')}</Link>;
  if (!useMayManage(image.ownerGroup)) return <EmptyState title={t('mayNotEdit')} action={toImage} />;
  return <ImageForm image={image} />;
}
