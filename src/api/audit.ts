import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { pageOf, pagingShape } from './paging.ts';

const word = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'one line of text without control characters' });

export const auditEntrySchema = z
  .object({
    id: z.number().int(),
    at: z.string(),
    actor: z.string().meta({ description: 'Who made the change.', example: 'alice' }),
    action: z.string().meta({ example: 'image.create' }),
    target: z.string().meta({ description: 'What was changed, by name.', example: 'research-notebook' }),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });

export const listAudit = endpoint({
  id: 'listAudit',
  method: 'GET',
  path: '/audit',
  tag: 'people',
  summary: 'Every change that was made, the newest first.',
  query: z.object({ ...pagingShape, actor: word.optional(), action: word.optional(), target: word.optional() }),
  status: 200,
  answer: pageOf(auditEntrySchema),
  errors: ['forbidden'],
});
