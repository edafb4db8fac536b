import { z } from 'zod'

/** How Kafka REST says what is wrong: `error_code` begins with the status. */
export const KafkaRestError = z.object({ error_code: z.int(), message: z.string() }).meta({ id: 'KafkaRestError' })
