import { watchAnswers } from '@tributary/testkit/apiClient'
import { answerContract } from './theAnswerContract.ts'

/** Every answer that any test gets keeps to the documents, or that test fails. */
watchAnswers(async (answered) => {
  const problems = (await answerContract()).problemsOf(answered)
  if (problems.length > 0) {
    throw new Error(
      `${answered.method} ${answered.url} answered ${answered.status}, which the documents do not allow:\n` +
        `${problems.map((problem) => `  ${problem}`).join('\n')}\n${answered.text.slice(0, 4000)}`,
    )
  }
})
