/** What is going on, for whoever waits at the terminal. */
export const report = (what: string) => console.log(`• ${what}`)
