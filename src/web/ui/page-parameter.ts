/** The page of a list that an address names, `?page=2`; the first when it names none. */
export function pageParameter(params: URLSearchParams): number {
  const page = Number(params.get('page') ?? 1);
  return Number.isInteger(page) && page > 0 && page <= 1_000_000 ? page : 1;
}
