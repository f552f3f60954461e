import { expect, it } from 'vitest';
import { createBatched } from './batched.ts';

it('asks what comes meanwhile with one question, and gives each its own answer', async () => {
  const asked: (readonly number[])[] = [];
  const double = createBatched(async (numbers: readonly number[]) => {
    asked.push(numbers);
    return numbers.map((number) => 2 * number);
  });
  expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8]);
  expect(asked).toEqual([[1], [2, 3, 4]]);
  expect(await double(5)).toBe(10);
});

it('tells a failure to those whom it concerns', async () => {
  let isBroken = true;
  const same = createBatched(async (words: readonly string[]) => {
    if (isBroken) throw new Error('broken');
    return words;
  });
  const [first, second] = [same('a'), same('b')];
  await expect(first).rejects.toThrow('broken');
  await expect(second).rejects.toThrow('broken');
  isBroken = false;
  expect(await same('c')).toBe('c');
});
