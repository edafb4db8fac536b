import { randomInt, randomUUID } from 'node:crypto'

/** Ids are never used again: rows of deleted resources keep theirs. */
export type OrganizationId = string & { readonly brand?: 'organization' }
export type EnvironmentId = `env-${string}`
export type UserId = `u-${string}`
export type ServiceAccountId = `sa-${string}`
export type PrincipalId = UserId | ServiceAccountId
export type KafkaClusterId = `lkc-${string}`
export type RoleBindingId = `rb-${string}`
export type ClientQuotaId = `cq-${string}`
export type ApiKeyId = string & { readonly brand?: 'api-key' }

const lowerCase = 'abcdefghijkmnopqrstuvwxyz0123456789'
const upperCase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const random = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')

export const newId = {
  organization: (): OrganizationId => randomUUID(),
  environment: (): EnvironmentId => `env-${random(lowerCase, 7)}`,
  user: (): UserId => `u-${random(lowerCase, 7)}`,
  serviceAccount: (): ServiceAccountId => `sa-${random(lowerCase, 7)}`,
  kafkaCluster: (): KafkaClusterId => `lkc-${random(lowerCase, 7)}`,
  roleBinding: (): RoleBindingId => `rb-${random(lowerCase, 7)}`,
  clientQuota: (): ClientQuotaId => `cq-${random(lowerCase, 7)}`,
  apiKey: (): ApiKeyId => random(upperCase, 16),
}
