import { PythonPackage } from './pythonPackage.ts'

/** librdkafka comes inside this package. */
const confluentKafka = new PythonPackage('confluent-kafka', '2.16.1')

/** A Python that has it. */
export const python = confluentKafka.python

/** Why librdkafka cannot be tried on this machine; undefined when it can, installed if it was not. */
export async function librdkafkaProblem(): Promise<string | undefined> {
  const problem = await confluentKafka.problem()
  return problem === undefined ? undefined : `librdkafka was not tried: ${problem}`
}
