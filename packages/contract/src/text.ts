import { z } from 'zod'

/** Text of people: any language, but no control characters (Postgres refuses NUL, terminals the rest). */
const withoutControlCharacters = /^\P{Cc}*$/u

export const line = (maxLength: number) =>
  z.string().max(maxLength).regex(withoutControlCharacters, 'must not contain control characters')

/** A name that people give: not empty, and not blank. */
export const displayName = (maxLength = 64) => line(maxLength).min(1).regex(/\S/, 'must not be blank')

/** A filter that may be repeated, for any of its values. */
export const repeatable = z
  .union([line(255), z.array(line(255))])
  .transform((values) => [values].flat().filter((value) => value !== ''))

function withPrefix<Prefix extends string>(prefix: Prefix) {
  const pattern = `^${prefix}-[a-z0-9]{1,60}$`
  const expression = new RegExp(pattern)
  return z
    .custom<`${Prefix}-${string}`>((value) => typeof value === 'string' && expression.test(value), {
      message: `must be an id that begins with ${prefix}-`,
    })
    .meta({ type: 'string', pattern })
}

const documented = <Schema extends z.ZodType>(schema: Schema, id: string, example: string) =>
  schema.meta({ id, example })

export const EnvironmentIdText = documented(withPrefix('env'), 'EnvironmentId', 'env-a1b2c3d')
export const KafkaClusterIdText = documented(withPrefix('lkc'), 'KafkaClusterId', 'lkc-a1b2c3d')
export const ServiceAccountIdText = documented(withPrefix('sa'), 'ServiceAccountId', 'sa-a1b2c3d')
export const UserIdText = documented(withPrefix('u'), 'UserId', 'u-a1b2c3d')
export const RoleBindingIdText = documented(withPrefix('rb'), 'RoleBindingId', 'rb-a1b2c3d')
export const ClientQuotaIdText = documented(withPrefix('cq'), 'ClientQuotaId', 'cq-a1b2c3d')
export const ApiKeyIdText = z.string().regex(/^[A-Z0-9]{1,64}$/, 'must be an API key')
export const OrganizationIdText = z.uuid()

/** Of a service quota or of what one is of: `iam.max_environments.per_org`, KAFKA_CLUSTER. */
export const QuotaIdText = z.string().regex(/^[A-Za-z0-9._]{1,100}$/, 'must be the id of a quota')
