import { Hono } from 'hono';
import type { Database } from '../store/database.ts';
import { countJobs } from '../store/jobs.ts';
import type { EmbeddedRegistry, RegistryFigures } from './open-registry.ts';

export interface MetricsContext {
  readonly database: Database;
  readonly registry: Pick<EmbeddedRegistry, 'figures'>;
}

/** `GET /readyz`: 200 when the database answers, else 503; `GET /metrics`: text format of Prometheus. */
export function metricsRoutes({ database, registry }: MetricsContext): Hono {
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
          ...registryMetrics(await registry.figures()),
          ...metric('process_resident_memory_bytes', 'Resident memory size in bytes.', [['', memory]]),
          '',
        ].join('\n'),
        200,
        { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      );
    });
}

function registryMetrics(figures: RegistryFigures): string[] {
  const { repositories, manifests, tags, distinctBlobs, distinctBytes, linkedBytes, collected } = figures;
  const requests = [...figures.requests].map(([key, count]) => {
    const [method, code] = key.split(' ');
    return [`{method="${method}",code="${code}"}`, count] as const;
  });
  const one = (name: string, help: string, value: number) =>
    metric(`imagewright_registry_${name}`, help, [['', value]]);
  return [
    ...one('repositories', 'Repositories of the embedded registry.', repositories),
    ...one('manifests', 'Manifests of all repositories.', manifests),
    ...one('tags', 'Tags of all repositories.', tags),
    ...one('blobs', 'Blobs, each counted once.', distinctBlobs),
    ...one('blob_bytes', 'Bytes of blobs, each counted once.', distinctBytes),
    ...one('linked_bytes', 'Bytes of blobs, each counted in every repository that has it.', linkedBytes),
    ...one('dedupe_ratio', 'Linked bytes by bytes.', distinctBytes === 0 ? 1 : linkedBytes / distinctBytes),
    ...metric('imagewright_registry_requests_total', 'Requests that were answered.', requests, 'counter'),
    ...metric(
      'imagewright_registry_bytes_total',
      'Bytes on the wire.',
      [
        ['{direction="received"}', figures.receivedBytes],
        ['{direction="sent"}', figures.sentBytes],
      ],
      'counter',
    ),
    ...metric('imagewright_registry_collections_total', 'Garbage collections.', [['', collected.runs]], 'counter'),
    ...metric(
      'imagewright_registry_collected_blobs_total',
      'Blobs deleted by them.',
      [['', collected.blobs]],
      'counter',
    ),
    ...metric(
      'imagewright_registry_collected_bytes_total',
      'Bytes deleted by them.',
      [['', collected.bytes]],
      'counter',
    ),
  ];
}

function metric(
  name: string,
  help: string,
  values: readonly (readonly [string, number])[],
  type: 'gauge' | 'counter' = 'gauge',
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...values.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
