import { defineConfig } from 'vitest/config'

const shared = {
  globalSetup: ['packages/testkit/src/globalSetup.ts', 'tests/contract/documents/globalSetup.ts'],
  setupFiles: ['tests/contract/documents/checkEveryAnswer.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
}
const everywhere = ['packages/*/src', 'apps/*/src', 'tests']

export default defineConfig({
  test: {
    // Brokers start on two cores: more files at once only wait for each other.
    maxWorkers: 2,
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
