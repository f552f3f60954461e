import type { Database } from '../src/store/database.ts';

const fill = `
insert into images (name, kind, display_name, type, is_global, owner_group, spec, created_by, ready_url, updated_at)
  select 'notebook-' || n, 'custom', 'Notebook ' || n, (array['cpu', 'gpu', 'universal'])[1 + n % 3], n % 5 = 0, 'group-' || n % 50,
    '{"base": "registry.example.com/python:3.12", "packages": {"apt": "", "conda": "", "pip": "numpy\\npandas\\n"}}', 'user-' || n % 200,
    'registry.example.com/notebook-' || n || ':1a2b3c4d', now() - n * interval '1 minute'
  from generate_series(1, 10000) n;
insert into jobs (image_id, image_name, number, state, reason, requested_by, spec, revision, created_at, started_at, ended_at)
  select i.id, i.name, k, case when k % 4 = 0 then 'Failed' else 'Succeeded' end, 'edit', i.created_by, i.spec, '1a2b3c4d',
    i.updated_at - k * interval '1 hour', i.updated_at - k * interval '1 hour', i.updated_at - k * interval '1 hour' + interval '5 seconds'
  from images i, generate_series(1, 10) k;
update images set latest_job_id = j.id, latest_job_state = j.state from jobs j where j.image_id = images.id and j.number = 10;
`;

/** 10 000 images with ten jobs each, as years of work leave them: `notebook-1`, the newest, to `notebook-10000`. */
export async function addManyImages(database: Database): Promise<void> {
  await database.execute(fill);
  await database.execute('vacuum analyze');
}
