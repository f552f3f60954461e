import { defineConfig } from 'vitest/config';

/** They build, push and restart in a whole service, which takes longer than people who have changed a line want to wait. */
const wholeService = 'src/server/service-*.test.ts';
/** They kill at certain moments, measure, or wait for what is seen, and others would be in their way. */
const alone = ['test/e2e/{chaos,faults,memory,registry-faults}.test.ts', 'test/e2e/page/**/*.test.ts'];

export default defineConfig({
  test: {
    // Many tests wait for a clock or a server: one more than the processors keeps those busy.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts'],
          exclude: [wholeService],
          // Each module is loaded once a worker and not once a file: no test may replace modules or leave something behind in them.
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'service', include: [wholeService], testTimeout: 20_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: alone,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: alone,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
