import { StepFailure, type Reconciler } from '@tributary/engine/reconciler'
import { mayMendItself } from '@tributary/kafka/kafkaErrors'

/**
 * A reconciler that says so where brokers did not answer. It mends itself, however often it was tried before: brokers may
 * be away for as long as their machine is.
 */
export const namingUnansweredBrokers = <State, Step extends { do: string }>(
  reconciler: Reconciler<State, Step>,
): Reconciler<State, Step> => ({
  ...reconciler,
  load: (lease) => naming(reconciler.load(lease)),
  execute: (step, state, context) => naming(reconciler.execute(step, state, context)),
})

const naming = <Result>(work: Promise<Result>): Promise<Result> =>
  work.catch((error: unknown) => {
    if (!mayMendItself(error)) throw error
    const message = 'The brokers do not answer, or cannot do it for now. It is tried again.'
    throw new StepFailure('transient', 'BrokersUnavailable', message, { cause: error })
  })
