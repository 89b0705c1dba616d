/** One line of the demo's output: who speaks, and what. */
export function say(who: string, what: string): void {
  console.log(`${who.padEnd(10)} ${what}`)
}
