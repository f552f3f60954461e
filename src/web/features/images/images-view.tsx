import { useTranslation } from 'react-i18next';
import { useImages } from '../../data/images.ts';
import { Answered } from '../../ui/answered.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { PageTitle } from '../../ui/page-title.tsx';

/** The images that one may see. */
export function Component() {
  const { t } = useTranslation('images');
  const images = useImages({});
  return (
    <>
      <PageTitle title={t('title')} />
      <Answered query={images}>
        {({ items }) => (
          <DataTable
            label={t('title')}
            columns={[{ key: 'name', title: t('name'), cell: ({ name }) => name, isRowHeader: true }]}
            rows={items}
            rowKey={({ name }) => name}
          />
        )}
      </Answered>
    </>
  );
}
