/** The name among `names` that was probably meant, at most two letters away; `undefined` when none is near. */
export function nearName(typed: string, names: readonly string[]): string | undefined {
  const wanted = typed.slice(0, 60).toLowerCase();
  const ranked = names.map((name) => ({ name, distance: distanceBetween(wanted, name.toLowerCase()) }));
  const nearest = ranked.sort((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && nearest.distance <= Math.min(2, nearest.name.length / 2) ? nearest.name : undefined;
}

/** Letters to put in, take out, change or swap with their neighbour to make one word of the other. */
function distanceBetween(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1]);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, change, swap));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
