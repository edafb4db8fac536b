import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with the line that continuous integration reads. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state !== 'pending') counts[state]++
      }
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed++
    }
    const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
    console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`)
  }
}
