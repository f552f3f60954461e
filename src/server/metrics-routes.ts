import { Hono } from 'hono';
import type { Database } from '../store/database.ts';
import { countJobs } from '../store/jobs.ts';

/** `GET /readyz`: 200 when the database answers, else 503; `GET /metrics`: text format of Prometheus. */
export function metricsRoutes(database: Database): Hono {
  return new Hono()
    .get('/readyz', async (c) => {
      const isReady = await database.query('select 1').then(
        () => true,
        () => false,
      );
      return c.json({ status: isReady ? 'ok' : 'the database does not answer' }, isReady ? 200 : 503);
    })
    .get('/metrics', async (c) => {
      const open = await countJobs(database);
      const [ended] = await database.query<{ images: number; succeeded: number; failed: number; cancelled: number }>(
        `select (select count(*)::int from images where deleted_at is null) as images,
           count(*) filter (where state = 'Succeeded')::int as succeeded, count(*) filter (where state = 'Failed')::int as failed,
           count(*) filter (where state = 'Cancelled')::int as cancelled
         from jobs where state in ('Succeeded', 'Failed', 'Cancelled')`,
      );
      const { images, succeeded, failed, cancelled } = ended!;
      const states = {
        Pending: 0,
        Preparing: 0,
        Running: 0,
        ...open,
        Succeeded: succeeded,
        Failed: failed,
        Cancelled: cancelled,
      };
      const memory = process.memoryUsage().rss;
      return c.text(
        [
          ...metric('imagewright_images', 'Images that are not deleted.', [['', images]]),
          ...metric(
            'imagewright_jobs',
            'Jobs by state.',
            Object.entries(states).map(([state, n]) => [`{state="${state}"}`, n]),
          ),
          ...metric('process_resident_memory_bytes', 'Resident memory size in bytes.', [['', memory]]),
          '',
        ].join('\n'),
        200,
        { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      );
    });
}

function metric(name: string, help: string, values: readonly (readonly [string, number])[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...values.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
