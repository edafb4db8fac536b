import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const shared = {
  globalSetup: ['packages/testkit/src/globalSetup.ts', 'tests/contract/documents/globalSetup.ts'],
  setupFiles: ['tests/contract/documents/checkEveryAnswer.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
}
/** What starts brokers takes longest, and would keep one worker busy when the others have nothing left. */
const slowest = ['tests/brokers/', 'tests/security/', 'tests/faults/', 'tests/e2e/', 'tests/contract/', 'apps/']
const rank = ({ moduleId }: TestSpecification) =>
  slowest.findIndex((folder) => moduleId.includes(`/${folder}`)) + 1 || slowest.length + 1
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

const everywhere = ['packages/*/src', 'apps/*/src', 'tests']

export default defineConfig({
  test: {
    // On two cores: a third waits while the others wait for brokers. More would only wait for each other.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    reporters: ['default', './infra/countReporter.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'fast',
          include: everywhere.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/*.long.test.ts', '**/node_modules/**'],
        },
      },
      { test: { ...shared, name: 'long', include: everywhere.map((folder) => `${folder}/**/*.long.test.ts`) } },
    ],
  },
})
