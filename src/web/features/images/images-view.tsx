import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useImages } from '../../data/images.ts';
import { useMayMake } from '../../data/me.ts';
import { Answered } from '../../ui/answered.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';
import { FirstImage } from './first-image.tsx';
import { ImageFilters } from './image-filters.tsx';
import { ImageTable } from './image-table.tsx';
import { RegistryWarning } from './registry-warning.tsx';
import { useListQuery } from './use-list-query.ts';

/** The images that one may see. */
export function Component() {
  const { t } = useTranslation('images');
  const { query, isFiltered, set, clear } = useListQuery();
  const images = useImages(query);
  const add = useMayMake() && (
    <Link to="/new-image">
      <Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>
        {t('add')}
      </Button>
    </Link>
  );
  const isEmpty = images.data?.total === 0 && !isFiltered;
  return (
    <>
      <PageTitle title={t('title')} actions={add} />
      <RegistryWarning />
      {!isEmpty && <ImageFilters query={query} isFiltered={isFiltered} onChange={set} onClear={clear} />}
      <Answered query={images} rows={10}>
        {({ items, total, page, pageSize }) =>
          isEmpty ? (
            <FirstImage />
          ) : items.length === 0 ? (
            <EmptyState title={t('noMatch')} action={<Button onClick={clear}>{t('filter.clear')}</Button>} />
          ) : (
            <>
              <ImageTable
                images={items}
                isStale={images.isPlaceholderData}
                sort={{ key: query.sort, isDescending: query.order === 'desc' }}
                onSort={({ key, isDescending }) => set({ sort: key as 'name', order: isDescending ? 'desc' : 'asc' })}
              />
              <PageTurner page={page} pageSize={pageSize} total={total} onTurn={(next) => set({ page: next })} />
            </>
          )
        }
      </Answered>
    </>
  );
}
