import { violatedConstraint } from '@tributary/database/database'
import { errors } from '@tributary/domain/errors'

const uniqueNames = {
  environments_display_name_key: { what: 'an environment', pointer: '/display_name' },
  service_accounts_display_name_key: { what: 'a service account', pointer: '/display_name' },
  kafka_clusters_display_name_key: { what: 'a Kafka cluster in this environment', pointer: '/spec/display_name' },
}

/** What a change that gives `name` resolves to; throws `nameTaken` where the database says that another has it. */
export async function uniquelyNamed<Result>(name: string | undefined, change: Promise<Result>): Promise<Result> {
  try {
    return await change
  } catch (error) {
    const constraint = violatedConstraint(error) ?? ''
    if (name === undefined || !(constraint in uniqueNames)) throw error
    const { what, pointer } = uniqueNames[constraint as keyof typeof uniqueNames]
    throw errors.nameTaken(what, name, { pointer })
  }
}
