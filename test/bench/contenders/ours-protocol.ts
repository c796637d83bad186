/** What the bench asks of the process in which our supervisor runs. */
import * as z from 'zod';
import { benchServerSchema } from '../servers.ts';

export const orderSchema = z.discriminatedUnion('order', [
  /** Makes these the services, all wanted; done when all are healthy. */
  z.strictObject({ order: z.literal('apply'), servers: z.array(benchServerSchema) }),
  /** `kill -9`; done when it is healthy again. */
  z.strictObject({ order: z.literal('crash'), service: z.string() }),
  /** A planned restart, which forgets earlier crashes; done when it is healthy. */
  z.strictObject({ order: z.literal('renew'), service: z.string() }),
  /** SIGSTOP; done when it is healthy again. */
  z.strictObject({ order: z.literal('hang'), service: z.string() }),
  /** Ends all servers. */
  z.strictObject({ order: z.literal('end') }),
]);
export type Order = z.infer<typeof orderSchema>;

export const requestSchema = z.strictObject({ id: z.number(), order: orderSchema });
export const replySchema = z.union([
  z.strictObject({ id: z.number(), ms: z.number() }),
  z.strictObject({ id: z.number(), error: z.string() }),
]);
