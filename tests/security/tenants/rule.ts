/**
 * Who may do what, written down once more and by hand: nothing here is computed from the product's own roles, so a
 * change of them must be made twice.
 *
 * Each role is bound in one place, its own scope: OrganizationAdmin to the organization, EnvironmentAdmin and Operator to
 * an environment, CloudClusterAdmin and MetricsViewer to its cluster, the others to topics of it that begin with `orders`.
 * What is in another environment, only OrganizationAdmin reaches; what is in another organization, nobody.
 */
export const roles = [
  'OrganizationAdmin',
  'EnvironmentAdmin',
  'CloudClusterAdmin',
  'Operator',
  'MetricsViewer',
  'ResourceOwner',
  'DeveloperRead',
  'DeveloperWrite',
  'DeveloperManage',
  'none',
] as const

export type Role = (typeof roles)[number]

/**
 * In the own scope: c make, r see, u change, d delete, - nothing.
 * What one sees and may not change is a 403; what one doesn't see is a 404; to make what one may not make is a 403.
 */
const table = {
  //                         Org  Env  Clu  Ope  Met  Own  Rea  Wri  Man  none
  organization: 'ru   r    r    r    r    r    r    r    r    -',
  environment: 'crud rud  r    r    r    r    r    r    r    -',
  serviceAccount: 'crud r    r    -    -    r    -    -    -    -',
  user: 'rud  r    r    -    -    r    -    -    -    -',
  cloudKey: 'crud -    -    -    -    -    -    -    -    -',
  cluster: 'crud crud rud  r    r    r    r    r    r    -',
  clusterKey: 'crud crud crud -    -    -    -    -    -    -',
  bindingOnOrganization: 'crd  -    -    -    -    -    -    -    -    -',
  bindingOnEnvironment: 'crd  crd  -    -    -    -    -    -    -    -',
  bindingOnCluster: 'crd  crd  crd  -    -    -    -    -    -    -',
  bindingOnTopic: 'crd  crd  crd  -    -    crd  -    -    -    -',
  clientQuota: 'crud crud crud r    -    -    -    -    -    -',
  quotaOfOrganization: 'ru   -    -    -    -    -    -    -    -    -',
  quotaOfEnvironment: 'ru   r    -    r    -    -    -    -    -    -',
  quotaOfCluster: 'ru   r    r    r    -    -    -    -    -    -',
  stepsOfCluster: 'r    r    r    r    -    -    -    -    -    -',
  topic: 'r    r    r    r    -    r    r    r    r    -',
} as const

export type Thing = keyof typeof table
export type Verb = 'c' | 'r' | 'u' | 'd'

/** Where what is named is. */
export type Where = 'own scope' | 'other environment' | 'other organization'

/** What belongs to the organization as a whole is in no environment. */
export const hasNoEnvironment = (thing: Thing) =>
  ['organization', 'serviceAccount', 'user', 'cloudKey', 'bindingOnOrganization', 'quotaOfOrganization'].includes(thing)

export function may(role: Role, verb: Verb, thing: Thing, where: Where): boolean {
  const column = where === 'own scope' || (where === 'other environment' && role === 'OrganizationAdmin')
  return column && (table[thing].split(/ +/)[roles.indexOf(role)] ?? '').includes(verb)
}
