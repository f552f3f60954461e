import { CaretDownFilled, CaretUpFilled } from '@ant-design/icons';
import type { ReactNode } from 'react';

export interface Column<T> {
  /** Also what a sort names. */
  readonly key: string;
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  /** `end` for numbers and for buttons. */
  readonly align?: 'end';
  /** The header sorts by it. */
  readonly isSortable?: boolean;
  /** The cell names its row. */
  readonly isRowHeader?: boolean;
  /** Keeps the cell on one line. */
  readonly isNarrow?: boolean;
}

export interface Sort {
  readonly key: string;
  readonly isDescending: boolean;
}

interface DataTableProps<T> {
  /** What the table holds, for those who cannot see where it stands. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  /** What is shown belongs to an earlier question. */
  readonly isStale?: boolean;
  /** Stands in place of the rows when there are none. */
  readonly empty?: ReactNode;
}

/** A table of rows; on a narrow screen each row becomes a card, with the columns' titles beside the values. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, rowKey, sort, onSort, isStale = false, empty } = props;
  return (
    <div className="table-frame" aria-busy={isStale}>
      <table className="data-table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ key, title, cell, align, isRowHeader, isNarrow }) => {
                const attributes = { 'data-title': title, 'data-align': align, 'data-narrow': isNarrow || undefined };
                return isRowHeader ? (
                  <th key={key} scope="row" {...attributes}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} {...attributes}>
                    {cell(row)}
                  </td>
                );
              })}
            </tr>
          ))}
          {rows.length === 0 && empty !== undefined && (
            <tr>
              <td colSpan={columns.length} className="data-table-empty">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

interface HeaderCellProps<T> {
  readonly column: Column<T>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort) => void) | undefined;
}

function HeaderCell<T>({ column: { key, title, align, isSortable }, sort, onSort }: HeaderCellProps<T>) {
  if (!isSortable || onSort === undefined) {
    return (
      <th scope="col" data-align={align}>
        {title}
      </th>
    );
  }
  const isSorted = sort?.key === key;
  const direction = sort?.isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" data-align={align} aria-sort={isSorted ? direction : 'none'}>
      <button
        type="button"
        onClick={() => onSort({ key, isDescending: isSorted && !sort.isDescending })}
        data-sorted={isSorted || undefined}
      >
        <span>{title}</span> {isSorted && !sort.isDescending ? <CaretUpFilled /> : <CaretDownFilled />}
      </button>
    </th>
  );
}
