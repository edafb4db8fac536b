/** What no answer may show: our files, libraries and statements, and secrets that were not asked for. */
export function leaksIn(text: string, secrets: readonly string[]): string[] {
  const traces =
    text.match(/node_modules|\.ts:\d|\bat \S+ \(|\b(SELECT|INSERT|UPDATE) |FST_|ERR_|prisma|postgres/i) ?? []
  return [...traces.slice(0, 1), ...secrets.filter((secret) => text.includes(secret))]
}
